namespace Fletcher;

/// <summary>The result of work that returns nothing, where a type is needed for it: <c>Outcome&lt;Nothing&gt;</c>.</summary>
public readonly record struct Nothing;
