using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;

namespace Fletcher.Generators.Interceptors;

/// <summary>
/// Writes the interceptor of a call. Outside a flow it must cost next to nothing: it is small enough to be inlined, and all
/// that belongs to the engine stands in a method of its own.
/// </summary>
internal static class InterceptorEmitter
{
    private const string Fast =
        "[global::System.Diagnostics.StackTraceHidden, global::System.Diagnostics.DebuggerStepThrough, "
        + "global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]";

    private const string Slow =
        "[global::System.Diagnostics.StackTraceHidden, global::System.Diagnostics.DebuggerStepThrough, "
        + "global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]";

    private const string InFlow = "global::Fletcher.Runtime.Calls.InFlow";

    internal static void Emit(Source source, CallModel call, int index, int methodIndex)
    {
        source.Line($"[global::System.Runtime.CompilerServices.InterceptsLocation({call.Interception})]");
        if (call.Map is { } map)
            Map(source, call.Method, map, index, methodIndex);
        else
            Call(source, call.Method, index, methodIndex);
    }

    private static void Call(Source source, MethodModel method, int index, int methodIndex)
    {
        var generics = method.TypeParameters;
        var parameters = string.Join(", ", Declarations(method, withThis: true));
        var slowParameters = string.Join(", ", Declarations(method, withThis: false));
        var arguments = string.Join(", ", MethodCall.Names(method).Select(name => name == "self" ? method.Receiver!.Argument : name));
        var run = $"{Entry(method)}(new Call{methodIndex}{generics.List}({string.Join(", ", MethodCall.Names(method).Prepend("Site" + index))}))";

        source.Line(Fast);
        source.Open($"internal static {method.ReturnType} Intercept{index}{generics.List}({parameters}){generics.Constraints}");
        var @return = method.Return == ReturnKind.Void ? "" : "return ";
        if (method.IsFlow)
        {
            source.Line($"{@return}{run};").Close();
            return;
        }

        source.Line($"if ({InFlow})");
        source.Line($"    {@return}Run{index}{generics.List}({arguments});");
        if (@return.Length == 0)
            source.Line("else");
        source.Line($"    {@return}{MethodCall.Direct(method, "Access" + methodIndex, i => "a" + i)};").Close();
        source.Line(Slow);
        source.Line($"private static {method.ReturnType} Run{index}{generics.List}({slowParameters}){generics.Constraints} => {run};");
    }

    private static void Map(Source source, MethodModel method, MapModel map, int index, int methodIndex)
    {
        var parameters = $"global::System.Collections.Generic.IEnumerable<{map.Item}> items, {map.Body} body, "
            + "int maxConcurrency, global::Fletcher.MapFailure failure";
        var returns = $"global::System.Threading.Tasks.Task<global::Fletcher.MapResult<{map.Result}>>";
        const string Rest = "maxConcurrency, failure";

        // The item stands where the method group's first free parameter is; a bound extension method has its own first.
        var isBoundExtension = map.Target is not null && method.Receiver is null;
        var bound = map.Target is null ? "" : "self, ";
        var free = method.Parameters.Skip(isBoundExtension ? 1 : 0)
            .Select((p, i) => i == 0 ? "item" : "default");
        var call = $"{(map.Target is null ? "static " : "")}item => new Call{methodIndex}{map.CallTypeArguments}(Site{index}, {bound}{string.Join(", ", free)})";

        source.Line(Fast);
        source.Line($"internal static {returns} Intercept{index}({parameters}) =>");
        var direct = method.IsFlow
            ? $"RunFlows{index}(items, body, {Rest})"
            : $"global::Fletcher.Flow.Map<{string.Join(", ", map.TypeArguments)}>(items, body, {Rest})";
        source.Line($"    {InFlow} ? Run{index}(items, body, {Rest}) : {direct};");
        source.Line(Slow).Open($"private static {returns} Run{index}({parameters})");
        Bind(source, map);
        source.Line($"return global::Fletcher.Runtime.Calls.Map<{map.Item}, {map.Result}>(items, {call}, {Rest});").Close();
        if (!method.IsFlow)
            return;

        // A flow given to Flow.Map outside a flow is as many runs: the delegate itself would call the bare method.
        source.Line(Slow).Open($"private static {returns} RunFlows{index}({parameters})");
        Bind(source, map);
        var run = call.Replace("item => ", $"item => {Entry(method)}(") + ")";
        source.Line($"return global::Fletcher.Flow.Map<{string.Join(", ", map.TypeArguments)}>(items, {run}, {Rest});").Close();
    }

    private static void Bind(Source source, MapModel map)
    {
        if (map.Target is not null)
            source.Line($"var self = ({map.Target})body.Target;");
    }

    private static IEnumerable<string> Declarations(MethodModel method, bool withThis)
    {
        var @this = withThis ? "this " : "";
        if (method.Receiver is { } receiver)
            yield return @this + receiver.Declaration;
        for (var i = 0; i < method.Parameters.Count; i++)
            yield return $"{(i == 0 && method.IsExtension ? @this : "")}{method.Parameters[i].Type} a{i}";
    }

    private static string Entry(MethodModel method) => "global::Fletcher.Runtime.Calls." + method.Return switch
    {
        ReturnKind.Void => "RunVoid",
        ReturnKind.Value => $"Run<{method.Result}>",
        ReturnKind.Task => "RunVoidTask",
        ReturnKind.TaskOf => $"RunTask<{method.Result}>",
        ReturnKind.ValueTask => "RunVoidValueTask",
        ReturnKind.ValueTaskOf => $"RunValueTask<{method.Result}>",
        _ => $"RunSequence<{method.Result}>",
    };
}
