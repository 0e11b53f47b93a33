using Fletcher.Generators.Text;

namespace Fletcher.Generators.Interceptors;

/// <summary>Writes the <c>UnsafeAccessor</c> of a method that is not accessible. The runtime wants its type parameters where the method has them.</summary>
internal static class AccessorEmitter
{
    internal static void Emit(Source source, MethodModel method, string name)
    {
        if (method.Accessor is not { } accessor)
            return;
        var generics = method.TypeParameters;
        var kind = method.Receiver is null ? "StaticMethod" : "Method";
        source.Line().Line(Source.Excluded).Open($"file static class {name}{generics.TypeList}{generics.TypeConstraints}")
            .Line(
                "[global::System.Runtime.CompilerServices.UnsafeAccessor("
                + $"global::System.Runtime.CompilerServices.UnsafeAccessorKind.{kind}, Name = {Literal.Of(method.Name.TrimStart('@'))})]")
            .Line($"internal static extern {method.ReturnType} Call{generics.MethodList}({string.Join(", ", Parameters(method, accessor))}){generics.MethodConstraints};")
            .Close();
    }

    private static IEnumerable<string> Parameters(MethodModel method, AccessorModel accessor)
    {
        yield return accessor.ReflectionName is { } name
            ? $"[global::System.Runtime.CompilerServices.UnsafeAccessorType({Literal.Of(name)})] object self"
            : $"{method.Receiver?.By}{accessor.TypeArgument} self";
        for (var i = 0; i < method.Parameters.Count; i++)
            yield return $"{method.Parameters[i].Type} a{i}";
    }
}
