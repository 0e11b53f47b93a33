using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Symbols;

/// <summary>Files as the program knows them: with the build's path map applied, as <c>[CallerFilePath]</c> has it.</summary>
internal static class SourceFile
{
    internal static string Name(SyntaxTree tree, Compilation compilation) =>
        compilation.Options.SourceReferenceResolver?.NormalizePath(tree.FilePath, baseFilePath: null) ?? tree.FilePath;
}
