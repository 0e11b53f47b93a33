using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators.Interceptors;

/// <summary>
/// The names that a step or flow can have. Asking what a call means is the expensive part of looking for calls; a call of
/// another name need not be asked. Weak tables keep the answers for exactly as long as the compiler keeps what they are of.
/// </summary>
internal static class StepNames
{
    private static readonly ConditionalWeakTable<Compilation, HashSet<string>> OfCompilation = new();
    private static readonly ConditionalWeakTable<SyntaxTree, string[]> OfTree = new();
    private static readonly ConditionalWeakTable<IAssemblySymbol, string[]> OfAssembly = new();

    internal static bool Contains(Compilation compilation, string name) =>
        OfCompilation.GetValue(compilation, Collect).Contains(name);

    private static HashSet<string> Collect(Compilation compilation)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tree in compilation.SyntaxTrees)
            names.UnionWith(OfTree.GetValue(tree, InTree));
        foreach (var assembly in compilation.SourceModule.ReferencedAssemblySymbols)
        {
            if (UsesFletcher(assembly))
                names.UnionWith(OfAssembly.GetValue(assembly, InAssembly));
        }

        return names;
    }

    // Any attribute will do, as its name may be an alias: a few names too many do no harm.
    private static string[] InTree(SyntaxTree tree) => tree.GetRoot().DescendantNodes()
        .OfType<MethodDeclarationSyntax>()
        .Where(m => m.AttributeLists.Count > 0)
        .Select(m => m.Identifier.ValueText)
        .Distinct()
        .ToArray();

    private static bool UsesFletcher(IAssemblySymbol assembly) =>
        assembly.Modules.Any(m => m.ReferencedAssemblies.Any(a => a.Name == "Fletcher.Core"));

    private static string[] InAssembly(IAssemblySymbol assembly)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<INamespaceOrTypeSymbol>();
        open.Push(assembly.GlobalNamespace);
        while (open.Count > 0)
        {
            foreach (var member in open.Pop().GetMembers())
            {
                if (member is INamespaceOrTypeSymbol inner)
                    open.Push(inner);
                else if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary } method && Marked.Own(method) is not null)
                    names.Add(method.Name);
            }
        }

        return [.. names];
    }
}
