namespace Fletcher.Torture.Plans;

/// <summary>A node fails because its plan says so.</summary>
internal sealed class PlannedFailureException(string message) : Exception(message);
