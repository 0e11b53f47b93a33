namespace Fletcher.Generators.Interceptors;

/// <summary>Writes the plain call of a method.</summary>
internal static class MethodCall
{
    /// <summary>The names of receiver and arguments in generated code.</summary>
    internal static IEnumerable<string> Names(MethodModel method)
    {
        if (method.Receiver is not null)
            yield return "self";
        for (var i = 0; i < method.Parameters.Count; i++)
            yield return "a" + i;
    }

    /// <summary>The call, through an accessor where the method is not accessible.</summary>
    internal static string Direct(MethodModel method, string accessor, Func<int, string> argument)
    {
        var arguments = Enumerable.Range(0, method.Parameters.Count).Select(argument);
        if (method.Accessor is null)
        {
            var on = method.Receiver is null ? method.Type : "self";
            return $"{on}.{method.Name}{method.TypeParameters.MethodList}({string.Join(", ", arguments)})";
        }

        var first = method.Receiver?.Argument ?? "null";
        return $"{accessor}{method.TypeParameters.TypeList}.Call{method.TypeParameters.MethodList}({string.Join(", ", arguments.Prepend(first))})";
    }
}
