namespace Fletcher.Storage;

/// <summary>What a commit survives once the store has said that it is done.</summary>
public enum Durability
{
    /// <summary>The end of the process, of the operating system and of the power: the commit is on disk.</summary>
    Full = 0,
    /// <summary>The end of the process, however it ends; the last commits before a power cut may be lost, whole ones only.</summary>
    Process = 1,
}
