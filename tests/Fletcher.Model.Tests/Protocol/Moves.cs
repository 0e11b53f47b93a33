using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>Collects what can happen next in a state.</summary>
internal readonly struct Moves(State now, List<Transition> into)
{
    internal State Now => now;

    /// <summary>A copy of the state, to be changed and then given to <see cref="Add"/>.</summary>
    internal State Change() => now.Copy();

    internal void Add(Move move, State next) => into.Add(new Transition(move, next.Bytes));
}
