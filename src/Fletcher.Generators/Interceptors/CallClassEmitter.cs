using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;

namespace Fletcher.Generators.Interceptors;

/// <summary>Writes the class that carries the arguments of a method's calls to the engine.</summary>
internal static class CallClassEmitter
{
    internal static void Emit(Source source, MethodModel method, string name, string definition, string @override)
    {
        var generics = method.TypeParameters;
        var result = Result(method);
        source.Line(Source.Excluded);
        source.Line($"file sealed class {name}{generics.List}({string.Join(", ", Parameters(method))})");
        source.Open($"    : global::Fletcher.Runtime.Call<{result}>({definition}, site){generics.Constraints}");
        var access = "Access" + name.Substring("Call".Length);
        Inputs(source, method, @override);
        Token(source, method, @override);
        Invoke(source, method, result, access, @override);
        Undo(source, method, result, @override);
        foreach (var render in method.Renders)
            source.Line($"{@override} string? {render.Method}() => {render.Expression};");
        source.Close();
    }

    /// <summary>The type of what a call returns to the engine.</summary>
    internal static string Result(MethodModel method) =>
        method.Return == ReturnKind.Sequence ? $"global::System.Collections.Generic.List<{method.Result}>" : method.Result;

    private static void Undo(Source source, MethodModel method, string result, string @override)
    {
        // What the call was made with and cannot be stored, for who undoes it in the same process; of a flow for who goes on with undoing it.
        var given = new List<string>();
        if (method.Receiver is { IsInput: false } && (method.IsFlow || method.Undo is not null))
            given.Add("\"this\" => self");
        for (var i = 0; i < method.Parameters.Count && method.Undo is not null; i++)
        {
            if (method.Parameters[i].Role == ParameterRole.Service)
                given.Add($"{Literal.Of(method.Parameters[i].Name)} => a{i}");
        }

        if (given.Count > 0)
            source.Line($"{@override} object? Given(string name) => name switch {{ {string.Join(", ", given.Append("_ => null"))} }};");
        if (method.Undo is not { } undo)
            return;
        source.Line($"{@override} bool WritesUndo => true;");
        if (undo.Arguments.Count == 0)
            return;
        source.Open($"{@override} void WriteUndo(global::Fletcher.Runtime.InputWriter arguments, {result} result)");
        foreach (var argument in undo.Arguments)
            source.Line($"arguments.Add<{argument.Type}>({Literal.Of(argument.Name)}, {argument.Value});");
        source.Close();
    }

    private static IEnumerable<string> Parameters(MethodModel method)
    {
        yield return "global::Fletcher.Runtime.CallSite site";
        if (method.Receiver is { } receiver)
            yield return $"{receiver.Type} self";
        for (var i = 0; i < method.Parameters.Count; i++)
            yield return $"{method.Parameters[i].Type} a{i}";
    }

    private static void Inputs(Source source, MethodModel method, string @override)
    {
        var adds = new List<string>();
        if (method.Receiver is { IsInput: true } receiver)
            adds.Add($"inputs.Add<{receiver.Type}>(\"this\", self);");
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            var parameter = method.Parameters[i];
            if (parameter.Role == ParameterRole.Input)
                adds.Add($"inputs.Add<{parameter.Type}>({Literal.Of(parameter.Name)}, a{i});");
        }

        if (adds.Count == 0)
            return;
        source.Open($"{@override} void WriteInputs(global::Fletcher.Runtime.InputWriter inputs)");
        foreach (var add in adds)
            source.Line(add);
        source.Close();
    }

    private static void Token(Source source, MethodModel method, string @override)
    {
        if (TokenIndex(method) is >= 0 and var index)
            source.Line($"{@override} global::System.Threading.CancellationToken CallerToken => a{index};");
    }

    // Only the first token can be the caller's: the engine links one. A second is handed through as it is.
    private static int TokenIndex(MethodModel method)
    {
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            if (method.Parameters[i].Role == ParameterRole.Token)
                return i;
        }

        return -1;
    }

    private static void Invoke(Source source, MethodModel method, string result, string access, string @override)
    {
        var token = TokenIndex(method);
        var call = MethodCall.Direct(method, access, i => i == token ? "cancellationToken" : "a" + i);
        var signature = $"global::System.Threading.Tasks.ValueTask<{result}> InvokeAsync(global::System.Threading.CancellationToken cancellationToken)";
        switch (method.Return)
        {
            case ReturnKind.Void:
                source.Open($"{@override} {signature}").Line($"{call};").Line("return default;").Close();
                break;
            case ReturnKind.Task or ReturnKind.ValueTask:
                source.Open($"{@override} async {signature}").Line($"await {call}.ConfigureAwait(false);").Line("return default;").Close();
                break;
            case ReturnKind.Value:
                source.Line($"{@override} {signature} => new({Read(method, call)});");
                break;
            case ReturnKind.TaskOf or ReturnKind.ValueTaskOf when method.IsLazy:
                source.Line($"{@override} async {signature} => {Read(method, $"await {call}.ConfigureAwait(false)")};");
                break;
            case ReturnKind.TaskOf:
                source.Line($"{@override} {signature} => new({call});");
                break;
            case ReturnKind.ValueTaskOf:
                source.Line($"{@override} {signature} => {call};");
                break;
            default:
                source.Line($"{@override} {signature} => global::Fletcher.Runtime.Calls.ReadAllAsync<{method.Result}>({call}, cancellationToken);");
                break;
        }
    }

    private static string Read(MethodModel method, string result) => method.IsLazy
        ? $"({result}) is {{ }} sequence ? global::System.Linq.Enumerable.ToList(sequence) : null"
        : result;
}
