namespace Fletcher.Engine;

/// <summary>That an undo step failed for good; it never leaves the engine.</summary>
internal sealed class UndoFailure(string undo, string undone, Exception error) : Exception($"'{undo}' could not undo '{undone}'.", error)
{
    /// <summary>The step that failed to undo.</summary>
    internal string Undo => undo;

    /// <summary>The step that is not undone.</summary>
    internal string Undone => undone;
}
