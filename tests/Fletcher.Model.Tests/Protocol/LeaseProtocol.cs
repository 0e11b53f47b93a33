using System.Globalization;
using System.Text;
using Fletcher.Model.Tests.Exploring;

namespace Fletcher.Model.Tests.Protocol;

/// <summary>The lease and commit protocol of docs/protocol.md, in the bounds of a scenario.</summary>
internal sealed class LeaseProtocol : ISystem
{
    private readonly Scenario _scenario;
    private readonly FlowProgram[] _programs;
    private readonly Layout _layout;
    private readonly HostActions _hosts;
    private readonly Surroundings _surroundings;
    private readonly Properties _properties;

    internal LeaseProtocol(Scenario scenario)
    {
        _scenario = scenario;
        _programs = [.. scenario.Flows.Select(flow => new FlowProgram(flow))];
        _layout = new Layout(scenario, _programs);
        var store = new StoreTransactions(scenario);
        _hosts = new HostActions(scenario, _programs, store);
        _surroundings = new Surroundings(scenario, store);
        _properties = new Properties(scenario, _programs);
        Start = FirstState().Bytes;
    }

    public byte[] Start { get; }

    public void Next(byte[] state, List<Transition> transitions)
    {
        var moves = new Moves(new State(_layout, state), transitions);
        for (var host = 0; host < _scenario.Hosts; host++)
            _hosts.Of(moves, host);
        _surroundings.Of(moves);
    }

    public Violation? Check(byte[] before, Transition transition) =>
        _properties.Check(new State(_layout, before), new State(_layout, transition.State));

    /// <summary>Every run has ended, or died with its host before anybody could know of it.</summary>
    public bool IsEnd(byte[] state)
    {
        var now = new State(_layout, state);
        for (var run = 0; run < _programs.Length; run++)
        {
            var row = now.Run(run);
            if (row.IsCalled == 0 || row.IsOpen || (row.State == RunState.None && IsBeingCreated(now, run)))
                return false;
        }

        return true;
    }

    /// <summary>Hosts are alike: they are put in the order of their memory, and the rows' hosts are renamed.</summary>
    public byte[] Canonical(byte[] state)
    {
        var hosts = _scenario.Hosts;
        Span<int> order = stackalloc int[hosts];
        for (var i = 0; i < hosts; i++)
        {
            var place = i;
            for (; place > 0 && Compare(state, order[place - 1], i) > 0; place--)
                order[place] = order[place - 1];
            order[place] = i;
        }

        var isInOrder = true;
        for (var i = 0; i < hosts; i++)
            isInOrder &= order[i] == i;
        if (isInOrder)
            return state;

        var renamed = new State(_layout, state).Copy();
        for (var i = 0; i < hosts; i++)
            state.AsSpan(_layout.HostAt(order[i]), _layout.HostBytes).CopyTo(renamed.Bytes.AsSpan(_layout.HostAt(i)));
        for (var run = 0; run < _programs.Length; run++)
        {
            var row = renamed.Run(run);
            if (row.Host != 0)
                row.Host = (byte)(1 + order.IndexOf(row.Host - 1));
        }

        return renamed.Bytes;
    }

    public string Describe(byte[] state)
    {
        var now = new State(_layout, state);
        var text = new StringBuilder("then");
        for (var run = 0; run < _programs.Length; run++)
        {
            var row = now.Run(run);
            var host = row.Host == 0 ? "no host" : $"host {(char)('A' + row.Host - 1)}";
            text.Append(CultureInfo.InvariantCulture, $" run {run} ({_programs[run].Text}) is {row.State} at fence {row.Fence}, {host}{(row.WakeAt == 0 ? "" : ", due")}");
            for (var i = 0; i < _programs[run].Count; i++)
                text.Append(CultureInfo.InvariantCulture, $", step {i} {row.Step(i).State} {row.Step(i).Value}");
            text.Append(';');
        }

        for (var number = 1; number <= now.LastMessage; number++)
        {
            var message = now.Message(number);
            var taker = message.TakenBy == 0 ? "by nobody" : $"by step {message.TakenBy - 1}";
            text.Append(CultureInfo.InvariantCulture, $" message {number} '{_scenario.Messages[message.Key - 1]}' is taken {taker};");
        }

        for (var host = 0; host < _scenario.Hosts; host++)
        {
            var memory = now.Host(host);
            text.Append(CultureInfo.InvariantCulture, $" {(char)('A' + host)} {(memory.IsAlive == 0 ? "is dead" : $"has {memory.PendingCount} pending")}");
            for (var run = 0; run < _programs.Length; run++)
            {
                if (memory.Execution(run) is { Phase: not ExecutionPhase.None } execution)
                    text.Append(CultureInfo.InvariantCulture, $", run {run} {execution.Phase} at fence {execution.Fence}{(execution.IsLost == 0 ? "" : " (lost)")}");
            }

            text.Append(';');
        }

        return text.ToString().TrimEnd(';');
    }

    private State FirstState()
    {
        var first = new State(_layout, new byte[_layout.Size]);
        first.Crashes = (byte)_scenario.Crashes;
        first.WrongDeaths = (byte)_scenario.WrongDeaths;
        first.Doubts = (byte)_scenario.Doubts;
        first.Asks = (byte)_scenario.Asks;
        first.HandOvers = (byte)_scenario.HandOvers;
        first.TimedParks = (byte)_scenario.TimedParks;
        first.Resends = (byte)_scenario.Resends;
        for (var host = 0; host < _scenario.Hosts; host++)
            first.Host(host).IsAlive = 1;
        return first;
    }

    private bool IsBeingCreated(State now, int run)
    {
        for (var host = 0; host < _scenario.Hosts; host++)
        {
            var memory = now.Host(host);
            for (var i = 0; i < memory.PendingCount; i++)
            {
                if (memory.Pending(i) is { Kind: RecordKind.Create } record && record.Run == run)
                    return true;
            }
        }

        return false;
    }

    /// <summary>By memory; hosts of the same memory by the runs that name them.</summary>
    private int Compare(byte[] state, int one, int other)
    {
        var memory = state.AsSpan(_layout.HostAt(one), _layout.HostBytes).SequenceCompareTo(state.AsSpan(_layout.HostAt(other), _layout.HostBytes));
        if (memory != 0)
            return memory;
        var now = new State(_layout, state);
        for (var run = 0; run < _programs.Length; run++)
        {
            if (now.Run(run).Host == one + 1)
                return 1;
            if (now.Run(run).Host == other + 1)
                return -1;
        }

        return 0;
    }
}
