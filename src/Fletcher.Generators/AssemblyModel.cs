using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators;

/// <summary>What generated code must know of the program it is part of.</summary>
/// <param name="Suffix">Keeps the generated types of assemblies apart that see each other's internals.</param>
/// <param name="Override">The modifiers that override a <c>protected internal</c> member of the runtime.</param>
internal sealed record AssemblyModel(string Suffix, string Override)
{
    internal string Definitions => "Definitions_" + Suffix;

    internal string Registry => "Registry_" + Suffix;

    /// <summary>Null when the program has no runtime to call.</summary>
    internal static AssemblyModel? Read(Compilation compilation)
    {
        if (compilation.GetTypeByMetadataName("Fletcher.Runtime.Call") is not { } call)
            return null;
        var seesInternals = call.ContainingAssembly.GivesAccessTo(compilation.Assembly);
        return new AssemblyModel(
            StableHash.Text(compilation.AssemblyName ?? ""),
            seesInternals ? "protected internal override" : "protected override");
    }
}
