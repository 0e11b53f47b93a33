namespace Fletcher.Torture.Oracle;

/// <summary>A step run that was seen in the store, completed, while its run was under way.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Root">The outermost run.</param>
/// <param name="Fence">The fence of the outermost run, read after the step run: it was committed under this one or an older one.</param>
/// <param name="Offset">How long the effects file was after that.</param>
/// <param name="Step">The step run.</param>
internal sealed record CommittedStep(string Run, string Root, long Fence, long Offset, StoredStep Step);
