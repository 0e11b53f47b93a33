namespace Fletcher;

/// <summary>How far the runs of a flow are kept apart from what else its host does.</summary>
public enum Isolation
{
    /// <summary>They run in the process of their host, beside its other runs. The default.</summary>
    None = 0,
    /// <summary>
    /// Each run has a process of its own: the same program, started once more. It may have a limit of memory (<see cref="FlowAttribute.MemoryLimit"/>), is killed when the
    /// flow's <see cref="FlowAttribute.Timeout"/> is up and it does not end, and takes nothing else with it when it dies. A flow that another flow calls and waits for runs in its caller's process.
    /// </summary>
    Process = 1,
}
