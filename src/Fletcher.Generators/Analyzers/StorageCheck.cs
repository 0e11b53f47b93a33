using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Analyzers;

/// <summary>Results must be readable again, inputs must be writable.</summary>
internal static class StorageCheck
{
    internal static IEnumerable<Diagnostic> Of(Marked marked)
    {
        var method = marked.Method;
        if (ReturnShape.Of(method).Result is { } result && Storable.ResultProblem(result) is { } problem)
            yield return Diagnostic.Create(Diagnostics.Result, method.Locations[0], method.Name, TypeName.ForPeople(result), problem);
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind == RefKind.None && IsStored(parameter) && Storable.Problem(parameter.Type) is { } reason)
                yield return Diagnostic.Create(Diagnostics.Parameter, parameter.Locations[0], parameter.Name, method.Name, reason);
        }
    }

    // Besides the inputs: a sequence that is yet to be read is data, but counts as a service because nothing can read it twice.
    private static bool IsStored(IParameterSymbol parameter) =>
        ParameterRoles.Of(parameter) == ParameterRole.Input;
}
