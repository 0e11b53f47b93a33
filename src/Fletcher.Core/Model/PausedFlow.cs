namespace Fletcher.Model;

/// <summary>A flow of which no run starts or goes on until somebody resumes it.</summary>
/// <param name="Flow">The stable name of the flow.</param>
/// <param name="At">When it was paused (UTC).</param>
/// <param name="Actor">Who paused it.</param>
/// <param name="Reason">Why, in one sentence; null when nobody said.</param>
public sealed record PausedFlow(string Flow, DateTimeOffset At, string Actor, string? Reason);
