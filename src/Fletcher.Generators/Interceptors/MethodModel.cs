using Fletcher.Generators.Registry;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;

namespace Fletcher.Generators.Interceptors;

/// <summary>What generated code must know of a step or flow to call it. Plain values only: it lives in the generator's cache.</summary>
internal sealed record MethodModel
{
    /// <summary>Tells the method apart from all others.</summary>
    internal required string Key { get; init; }

    /// <summary>The name of its definition's field.</summary>
    internal required string DefinitionField { get; init; }

    /// <summary>How to find the definition when another assembly declares it; null for one of this assembly.</summary>
    internal required ExternalDefinition? External { get; init; }

    internal required bool IsFlow { get; init; }

    internal required string Name { get; init; }

    /// <summary>The type that declares it, with its type parameters.</summary>
    internal required string Type { get; init; }

    internal required ReceiverModel? Receiver { get; init; }

    internal required bool IsExtension { get; init; }

    internal required ReturnKind Return { get; init; }

    /// <summary>The result's type; <c>Nothing</c> for none, the item's type for a sequence.</summary>
    internal required string Result { get; init; }

    /// <summary>The type as the method declares it.</summary>
    internal required string ReturnType { get; init; }

    internal required bool IsLazy { get; init; }

    internal required EquatableArray<ParameterModel> Parameters { get; init; }

    internal required TypeParametersModel TypeParameters { get; init; }

    /// <summary>How to reach it when it is not accessible; null when it is.</summary>
    internal required AccessorModel? Accessor { get; init; }

    /// <summary>What its undo is told; null when it has none.</summary>
    internal required UndoArgumentsModel? Undo { get; init; }

    /// <summary>The bodies of the <c>Render…</c> overrides.</summary>
    internal required EquatableArray<RenderModel> Renders { get; init; }
}

/// <summary>What a method is called on.</summary>
/// <param name="Type">Its type.</param>
/// <param name="By">How it is passed: <c>ref</c> for structs, <c>in</c> where the method does not change them; empty for classes.</param>
/// <param name="IsInput">Whether it is data.</param>
internal sealed record ReceiverModel(string Type, string By, bool IsInput)
{
    /// <summary>It as an argument for a parameter that is declared the same way.</summary>
    internal string Argument => By + "self";

    internal string Declaration => $"{By}{Type} self";
}

/// <summary>A parameter.</summary>
/// <param name="Name">As the declaration with the attribute calls it.</param>
/// <param name="Type">Its type.</param>
/// <param name="Role">What it is to the engine.</param>
internal sealed record ParameterModel(string Name, string Type, ParameterRole Role);

/// <summary>The type parameters of the declaring types and of the method, in this order.</summary>
/// <param name="OfType">Those of the types.</param>
/// <param name="OfMethod">Those of the method.</param>
/// <param name="TypeConstraints">The constraint clauses of the first, ready to be written.</param>
/// <param name="MethodConstraints">Those of the second.</param>
internal sealed record TypeParametersModel(
    EquatableArray<string> OfType, EquatableArray<string> OfMethod, string TypeConstraints, string MethodConstraints)
{
    internal string List => Brackets(OfType.Concat(OfMethod));

    internal string TypeList => Brackets(OfType);

    internal string MethodList => Brackets(OfMethod);

    internal string Constraints => TypeConstraints + MethodConstraints;

    private static string Brackets(IEnumerable<string> names) => names.Any() ? $"<{string.Join(", ", names)}>" : "";
}

/// <summary>An <c>UnsafeAccessor</c>.</summary>
/// <param name="TypeArgument">The type as the accessor's first parameter names it.</param>
/// <param name="ReflectionName">Its name for <c>UnsafeAccessorType</c>, for types that cannot be a parameter's; else null.</param>
internal sealed record AccessorModel(string TypeArgument, string? ReflectionName);

/// <summary>An override such as <c>RenderKey</c>.</summary>
internal sealed record RenderModel(string Method, string Expression);
