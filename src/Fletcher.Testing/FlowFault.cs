namespace Fletcher.Testing;

/// <summary>Something that a test makes go wrong. It does until it is disposed of; a crash happens once.</summary>
public sealed class FlowFault : IDisposable
{
    private readonly Action<FlowFault> _remove;
    private readonly string _description;
    private int _count;

    internal FlowFault(string description, Action<FlowFault> remove) => (_description, _remove) = (description, remove);

    /// <summary>How often it struck so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Throws unless it struck: a fault that is never met tests nothing.</summary>
    /// <exception cref="FlowAssertException">It did not strike.</exception>
    public void ShouldHaveStruck()
    {
        if (Count == 0)
            throw new FlowAssertException($"The fault never struck: {_description}.");
    }

    /// <summary>Ends it: from now on it does not strike.</summary>
    public void Dispose() => _remove(this);

    /// <summary>What it does, in words.</summary>
    public override string ToString() => _description;

    internal int Strike() => Interlocked.Increment(ref _count);
}
