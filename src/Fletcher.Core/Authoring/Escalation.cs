namespace Fletcher;

/// <summary>Who is asked too when a question has no answer for some time.</summary>
/// <param name="After">For how long it has none, counted from when it was asked; more than zero.</param>
/// <param name="To">Who is asked then: a name, an address or a group.</param>
public sealed record Escalation(TimeSpan After, string To);
