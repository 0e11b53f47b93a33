using Fletcher.Generators.Interceptors;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Registry;

/// <summary>Reads how the receiver of a flow or an undo and arguments are made from named JSON values and services.</summary>
internal static class BindReader
{
    /// <summary>Null for those that cannot be called by name: generic ones, and those that want a delegate.</summary>
    internal static BindModel? Read(Marked flow, Compilation compilation, string file, int line)
    {
        var method = flow.Method;
        if (!IsBoundByName(method) || new MethodReader(compilation).Read(flow, out _) is not { } model)
            return null;

        var arguments = method.Parameters.Select(Argument);
        if (model.Receiver is { } receiver)
            arguments = arguments.Prepend(receiver.IsInput ? $"arguments.Get<{receiver.Type}>(\"this\")" : $"arguments.Service<{receiver.Type}>(\"this\")");
        var site = $"new global::Fletcher.Runtime.CallSite(0x{StableHash.Text("by name", model.Key)}UL, {Literal.Of(file)}, {line})";
        return new BindModel(model, arguments.ToEquatableArray(), site);
    }

    /// <summary>Whether its signature allows that it is called by name.</summary>
    internal static bool IsBoundByName(IMethodSymbol method) =>
        method.TypeParameters.Length == 0 && TypeParameters.OfType(method.ContainingType).Count == 0
        && !method.Parameters.Any(p => p is { Type.TypeKind: TypeKind.Delegate, HasExplicitDefaultValue: false });

    private static string Argument(IParameterSymbol parameter)
    {
        var type = TypeName.Of(parameter.Type);
        var name = Literal.Of(parameter.Name);
        return ParameterRoles.Of(parameter) switch
        {
            ParameterRole.Token => "arguments.CancellationToken",
            ParameterRole.Service when parameter.HasExplicitDefaultValue => Literal.OfConstant(parameter.Type, parameter.ExplicitDefaultValue),
            ParameterRole.Service => $"arguments.Service<{TypeName.NotNull(parameter.Type)}>({name})",
            _ when parameter.IsParams => $"arguments.GetOr<{type}>({name}, [])",
            _ when parameter.HasExplicitDefaultValue =>
                $"arguments.GetOr<{type}>({name}, {Literal.OfConstant(parameter.Type, parameter.ExplicitDefaultValue)})",
            _ => $"arguments.Get<{type}>({name})",
        };
    }
}
