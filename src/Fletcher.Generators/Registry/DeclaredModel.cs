namespace Fletcher.Generators.Registry;

/// <summary>A flow or step that this assembly declares.</summary>
/// <param name="Definition">Its definition.</param>
internal sealed record DeclaredModel(DefinitionModel Definition);
