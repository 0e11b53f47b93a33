namespace Fletcher.Testing;

/// <summary>A wait of the engine, until it is disposed of.</summary>
internal sealed class EngineWait(Activity activity, Strand? strand, DateTimeOffset due) : IDisposable
{
    /// <summary>Whose it is; null when no run has begun yet.</summary>
    internal Strand? Strand { get; } = strand;

    internal DateTimeOffset Due { get; } = due;

    public void Dispose() => activity.EndWait(this);
}
