namespace Fletcher.Torture.Plans;

/// <summary>What a node of a random flow is.</summary>
internal enum NodeKind
{
    /// <summary>Its children, one after the other; each is given what the one before returned.</summary>
    Sequence,
    /// <summary>Its children at the same time, with <c>Task.WhenAll</c>.</summary>
    Together,
    /// <summary>Its children as items of a <c>Flow.Map</c> with a lambda.</summary>
    Map,
    /// <summary>Its children, which are all <see cref="Item"/>, given to a <c>Flow.Map</c> with a method group.</summary>
    MapOfSteps,
    /// <summary>Its child in a flow that is called inside the flow.</summary>
    SubFlow,
    /// <summary>Its child in a flow that is called inside the flow, and whose body fails the first time.</summary>
    SubFlowTwice,
    /// <summary>Its child inside a step, which may fail some times after it.</summary>
    Outer,
    /// <summary>Its child inside a step that runs at most once.</summary>
    OuterOnce,
    /// <summary>Its child inside a step with an undo, which may fail some times after it.</summary>
    OuterReserve,
    /// <summary>Its first child in a <c>Flow.Transaction</c>. One that fails may have a second child, a step for which its code does not wait.</summary>
    Transaction,
    /// <summary>A step.</summary>
    Work,
    /// <summary>A step of a <see cref="MapOfSteps"/>.</summary>
    Item,
    /// <summary>A step without effects.</summary>
    Read,
    /// <summary>A step that fails some times, and is retried.</summary>
    Flaky,
    /// <summary>A step that runs at most once.</summary>
    Once,
    /// <summary>A step that runs at most once for each attempt, and is retried when it failed.</summary>
    OnceFlaky,
    /// <summary>A step whose result is more than the store keeps in a row.</summary>
    Large,
    /// <summary>The same, as text.</summary>
    LargeText,
    /// <summary>A step that is given an id and a time that the flow remembers.</summary>
    Remembers,
    /// <summary>A step with an undo.</summary>
    Reserve,
    /// <summary>A step that runs at most once, with an undo.</summary>
    ReserveOnce,
    /// <summary>A step with an undo that runs at most once.</summary>
    ReserveUndoOnce,
    /// <summary>A sleep.</summary>
    Sleep,
    /// <summary>A wait for a signal, which the conductor sends.</summary>
    Signal,
    /// <summary>A wait for a signal that nobody sends.</summary>
    NoSignal,
}
