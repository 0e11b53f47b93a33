using Fletcher.Model;

namespace Fletcher.Torture.Oracle;

/// <summary>A step run as the store has it.</summary>
/// <param name="Sequence">Its number in the run.</param>
/// <param name="Path">The node that it is of; null for values that the flow remembers.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempt">How often it was tried.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Result">The hash of its result; null without one.</param>
internal sealed record StoredStep(int Sequence, string? Path, StepRunState State, int Attempt, DateTimeOffset? EndedAt, ContentHash? Result);
