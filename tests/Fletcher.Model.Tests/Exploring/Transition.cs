namespace Fletcher.Model.Tests.Exploring;

/// <summary>One move, which happens at once or not at all, and the state after it.</summary>
internal readonly record struct Transition(Move Move, byte[] State);
