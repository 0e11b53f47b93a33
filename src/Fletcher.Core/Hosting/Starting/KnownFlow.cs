using Fletcher.Runtime;

namespace Fletcher.Hosting;

/// <summary>What is known of a flow that is to be started by name.</summary>
/// <param name="Name">Its stable name.</param>
/// <param name="Schema">JSON schema of its parameters; null when it is not known.</param>
/// <param name="Tags">The words that each run of it is found by.</param>
/// <param name="Definition">The flow, when this program has it and can call it by name.</param>
internal sealed record KnownFlow(string Name, string? Schema, IReadOnlyList<string> Tags, FlowDefinition? Definition);
