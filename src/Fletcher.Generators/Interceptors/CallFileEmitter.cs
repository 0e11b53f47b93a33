using System.Globalization;
using Fletcher.Generators.Registry;
using Fletcher.Generators.Text;

namespace Fletcher.Generators.Interceptors;

/// <summary>Writes the generated file for the calls of one file of the user's.</summary>
internal static class CallFileEmitter
{
    internal static string Emit(FileModel file, AssemblyModel assembly)
    {
        var source = new Source();
        InterceptsLocation(source);
        source.Line().Open("namespace Fletcher.Generated");
        var methods = file.Calls.Select(c => c.Method).Distinct().ToList();
        Interceptors(source, file, methods);
        foreach (var (method, index) in methods.Select((m, i) => (m, i)))
        {
            var definition = method.External is null
                ? $"global::Fletcher.Generated.{assembly.Definitions}.{method.DefinitionField}"
                : $"Imported.{method.DefinitionField}";
            CallClassEmitter.Emit(source.Line(), method, $"Call{index}", definition, assembly.Override);
            AccessorEmitter.Emit(source, method, $"Access{index}");
        }

        Imported(source, methods);
        return source.Close().ToString();
    }

    private static void InterceptsLocation(Source source) => source
        .Line()
        .Open("namespace System.Runtime.CompilerServices")
        .Line("[global::System.AttributeUsage(global::System.AttributeTargets.Method, AllowMultiple = true)]")
        .Line("file sealed class InterceptsLocationAttribute(int version, string data) : global::System.Attribute;")
        .Close();

    private static void Interceptors(Source source, FileModel file, List<MethodModel> methods)
    {
        source.Line(Source.Excluded).Open("file static class Interceptors");
        var ordinals = new Dictionary<(string, string), int>();
        for (var i = 0; i < file.Calls.Count; i++)
        {
            var call = file.Calls[i];
            ordinals.TryGetValue((call.Member, call.Method.Key), out var ordinal);
            ordinals[(call.Member, call.Method.Key)] = ordinal + 1;
            var id = StableHash.Of(call.Member, call.Method.Key, ordinal.ToString(CultureInfo.InvariantCulture));
            if (i > 0)
                source.Line();
            source.Line(
                $"private static readonly global::Fletcher.Runtime.CallSite Site{i} = "
                + $"new(0x{id:x16}UL, {Literal.Of(call.File)}, {call.Line});");
            InterceptorEmitter.Emit(source, call, i, methods.IndexOf(call.Method));
        }

        source.Close();
    }

    private static void Imported(Source source, List<MethodModel> methods)
    {
        var imports = methods.Where(m => m.External is not null)
            .GroupBy(m => m.DefinitionField).Select(g => g.First().External!).ToList();
        if (imports.Count == 0)
            return;
        source.Line().Line(Source.Excluded).Open("file static class Imported");
        foreach (var import in imports)
        {
            var definition = import.Fallback;
            var lookup = definition.IsFlow ? "Flow" : "Step";
            source.Line(
                $"internal static readonly {definition.Class} {definition.Field} = global::Fletcher.Runtime.ImportedDefinition.{lookup}("
                + $"typeof({import.TypeOf}), {Literal.Of(definition.Id)}, static () => {definition.Creation});");
        }

        source.Close();
    }
}
