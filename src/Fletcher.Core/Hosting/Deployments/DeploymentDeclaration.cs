namespace Fletcher.Hosting;

/// <summary>A deployment that a program declares, by a call of its flow or by name.</summary>
/// <param name="Call">Calls the flow; null when it is by name.</param>
/// <param name="Flow">The flow's stable name, when it is by name.</param>
/// <param name="Parameters">The parameters, when it is by name.</param>
/// <param name="Options">How it is deployed.</param>
internal sealed record DeploymentDeclaration(Func<Task>? Call, string? Flow, GivenValue? Parameters, DeploymentOptions Options);
