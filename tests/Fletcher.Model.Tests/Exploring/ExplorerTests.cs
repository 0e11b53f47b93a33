using System.Globalization;

namespace Fletcher.Model.Tests.Exploring;

/// <summary>The explorer itself, on systems so small that one sees what it must find.</summary>
public sealed class ExplorerTests
{
    [Fact]
    public void It_counts_every_state_and_transition_once()
    {
        // Two counters that go from 0 to 2 on their own: nine states.
        var exploration = Explore(new Graph(
            state => [.. Enumerable.Range(0, 2).Where(i => state[i] < 2).Select(i => With(state, i, state[i] + 1))],
            isEnd: state => state is [2, 2]));

        Assert.Null(exploration.Violation);
        Assert.Equal((9, 12, 1, 4), (exploration.States, exploration.Transitions, exploration.Ends, exploration.Depth));
    }

    [Fact]
    public void States_that_differ_in_names_only_count_once()
    {
        var exploration = Explore(new Graph(
            state => [.. Enumerable.Range(0, 2).Where(i => state[i] < 2).Select(i => With(state, i, state[i] + 1))],
            isEnd: state => state is [2, 2],
            canonical: state => state[0] <= state[1] ? state : [state[1], state[0]]));

        Assert.Equal((6, 1), (exploration.States, exploration.Ends));
    }

    [Fact]
    public void A_state_from_which_nothing_happens_is_a_deadlock()
    {
        var exploration = Explore(new Graph(
            state => state[0] switch { 0 => [[1, 0], [2, 0]], 1 => [[3, 0]], _ => [] },
            isEnd: state => state[0] == 3));

        Assert.Equal(Explorer.Deadlock, exploration.Violation?.Property);
        Assert.Equal(["to 2.0", "at 2.0"], exploration.Trace);
    }

    [Fact]
    public void A_circle_without_a_way_out_is_found()
    {
        var exploration = Explore(new Graph(
            state => state[0] switch { 0 => [[1, 0], [2, 0]], 1 => [[4, 0]], 2 => [[3, 0]], 3 => [[2, 0]], _ => [] },
            isEnd: state => state[0] == 4));

        Assert.Equal(Explorer.NoWayToAnEnd, exploration.Violation?.Property);
        Assert.Equal(["to 2.0", "at 2.0"], exploration.Trace);
    }

    [Fact]
    public void The_trace_is_the_shortest_and_keeps_its_names()
    {
        // Stored under their canonical names the states are 0.1, 0.2 and 0.3.
        var exploration = Explore(new Graph(
            state => [.. Enumerable.Range(0, 2).Where(i => state[i] < 3).Select(i => With(state, i, state[i] + 1))],
            isEnd: state => state is [3, 3],
            canonical: state => state[0] <= state[1] ? state : [state[1], state[0]],
            isBroken: state => state.Max() == 3));

        Assert.Equal("Broken", exploration.Violation?.Property);
        Assert.Equal(["to 1.0", "to 2.0", "to 3.0", "at 3.0"], exploration.Trace);
    }

    [Fact]
    public void More_states_than_the_limit_are_an_error_and_no_answer()
    {
        var endless = new Graph(state => [With(state, 0, state[0] + 1)], isEnd: _ => false);

        Assert.Throws<InvalidOperationException>(() => new Explorer(endless).Explore(limit: 10));
    }

    private static Exploration Explore(ISystem system) => new Explorer(system).Explore(limit: 1000);

    private static byte[] With(byte[] state, int at, int value)
    {
        byte[] next = [.. state];
        next[at] = (byte)value;
        return next;
    }

    private sealed class Graph(
        Func<byte[], byte[][]> next, Predicate<byte[]> isEnd, Func<byte[], byte[]>? canonical = null, Predicate<byte[]>? isBroken = null) : ISystem
    {
        public byte[] Start => [0, 0];

        public void Next(byte[] state, List<Transition> transitions) =>
            transitions.AddRange(next(state).Select(to => new Transition(new Move($"to {Name(to)}"), to)));

        public byte[] Canonical(byte[] state) => canonical?.Invoke(state) ?? state;

        public Violation? Check(byte[] before, Transition transition) =>
            isBroken?.Invoke(transition.State) == true ? new Violation("Broken", "as it must") : null;

        public bool IsEnd(byte[] state) => isEnd(state);

        public string Describe(byte[] state) => $"at {Name(state)}";

        private static string Name(byte[] state) => string.Create(CultureInfo.InvariantCulture, $"{state[0]}.{state[1]}");
    }
}
