namespace Fletcher.Model.Tests.Exploring;

/// <summary>
/// What an <see cref="Explorer"/> explores: states as bytes, and the moves that lead from one to the next. A state is never
/// changed once it is handed over.
/// </summary>
internal interface ISystem
{
    byte[] Start { get; }

    /// <summary>All that can happen next, in an order that depends on the state only.</summary>
    void Next(byte[] state, List<Transition> transitions);

    /// <summary>The same state for all states that differ only in names. It may return its argument.</summary>
    byte[] Canonical(byte[] state);

    /// <summary>What this step breaks, or nothing.</summary>
    Violation? Check(byte[] before, Transition transition);

    /// <summary>Whether all that must happen has happened here.</summary>
    bool IsEnd(byte[] state);

    /// <summary>A state in words, for the last line of a trace.</summary>
    string Describe(byte[] state);
}
