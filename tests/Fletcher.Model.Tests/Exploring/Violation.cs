namespace Fletcher.Model.Tests.Exploring;

/// <summary>A broken property, by its name, and how it is broken.</summary>
internal sealed record Violation(string Property, string Why);
