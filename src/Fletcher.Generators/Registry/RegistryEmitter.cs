using Fletcher.Generators.Interceptors;
using Fletcher.Generators.Text;

namespace Fletcher.Generators.Registry;

/// <summary>Writes the registry: the definitions of an assembly's flows and steps.</summary>
internal static class RegistryEmitter
{
    internal static string Emit(EquatableArray<DeclaredModel> declared, AssemblyModel assembly)
    {
        var source = new Source();
        source.Line().Line($"[assembly: global::Fletcher.Runtime.FletcherRegistry(typeof(global::Fletcher.Generated.{assembly.Registry}))]");
        source.Line().Open("namespace Fletcher.Generated");
        source.Line(Source.Excluded).Open($"internal sealed class {assembly.Registry} : global::Fletcher.Runtime.IRegistry");
        List(source, assembly, "FlowDefinition", "Flows", declared.Where(d => d.Definition.IsFlow));
        List(source, assembly, "StepDefinition", "Steps", declared.Where(d => !d.Definition.IsFlow));
        source.Close().Line();

        source.Line(Source.Excluded).Open($"internal static class {assembly.Definitions}");
        for (var i = 0; i < declared.Count; i++)
            Definition(source, declared[i], i, assembly);
        source.Close();

        for (var i = 0; i < declared.Count; i++)
        {
            if ((declared[i].Bind ?? declared[i].Undo?.Bind) is not { } bind)
                continue;
            CallClassEmitter.Emit(source.Line(), bind.Method, $"Call{i}", DefinitionOf(bind.Method, assembly), assembly.Override);
            AccessorEmitter.Emit(source, bind.Method, $"Access{i}");
        }

        return source.Close().ToString();
    }

    // Of a base type in another assembly: looked up when it is needed, which is seldom.
    private static string DefinitionOf(MethodModel method, AssemblyModel assembly) => method.External is { } import
        ? $"global::Fletcher.Runtime.ImportedDefinition.Step(typeof({import.TypeOf}), {Literal.Of(import.Fallback.Id)}, static () => {import.Fallback.Creation})"
        : $"global::Fletcher.Generated.{assembly.Definitions}.{method.DefinitionField}";

    private static void List(Source source, AssemblyModel assembly, string type, string name, IEnumerable<DeclaredModel> declared)
    {
        var fields = declared.Select(d => $"{assembly.Definitions}.{d.Definition.Field}");
        source.Line(
            $"public global::System.Collections.Generic.IReadOnlyList<global::Fletcher.Runtime.{type}> {name} {{ get; }} = "
            + $"[{string.Join(", ", fields)}];");
    }

    private static void Definition(Source source, DeclaredModel declared, int index, AssemblyModel assembly)
    {
        var definition = declared.Definition;
        source.Open($"internal static readonly {definition.Class} {definition.Field} = new()");
        foreach (var setting in definition.Settings)
            source.Line(setting + ",");
        if (declared.Bind is { } bind)
            source.Line($"Bind = static arguments => new Call{index}({string.Join(", ", bind.Arguments.Prepend(bind.Site))}),");
        if (declared.Undo is { } undo)
        {
            var method = undo.Bind.Method;
            source.Line(
                $"Undo = new global::Fletcher.Runtime.UndoDefinition<{CallClassEmitter.Result(method)}>(static () => {DefinitionOf(method, assembly)}, "
                + $"static arguments => new Call{index}({string.Join(", ", undo.Bind.Arguments.Prepend(undo.Bind.Site))})) {{ UsesCall = {Literal.Of(undo.UsesCall)} }},");
        }

        if (declared.Plan is { } plan)
            source.Line($"Plan = static () => {plan.Creation},");
        source.Close("};");
    }
}
