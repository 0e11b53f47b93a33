namespace Fletcher.Model;

/// <summary>What a variable is. The values are stored; their numbers never change.</summary>
public enum VariableKind
{
    /// <summary>A value in clear.</summary>
    Variable = 0,
    /// <summary>A text that is kept encrypted and shown to nobody.</summary>
    Secret = 1,
}
