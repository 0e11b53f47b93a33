using System.Globalization;
using Fletcher.Torture.Oracle;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Conductor;

/// <summary>Which flows are under way, and which hosts there are to ask for them.</summary>
internal sealed class Workload(Settings settings)
{
    private readonly Lock _gate = new();
    private readonly Dice _dice = new(settings.Seed);
    private readonly List<ulong> _seeds = [];
    private readonly Dictionary<ulong, OpenFlow> _open = [];
    private readonly List<HostProcess> _hosts = [];
    private readonly List<Answer> _answers = [];
    private readonly List<Violation> _troubles = [];
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosing;

    public IReadOnlyList<ulong> Seeds => _seeds;

    public IReadOnlyList<Answer> Answers => _answers;

    public IReadOnlyList<Violation> Troubles => _troubles;

    /// <summary>The flows that are under way.</summary>
    public IReadOnlyList<OpenFlow> Open
    {
        get
        {
            lock (_gate)
                return [.. _open.Values];
        }
    }

    public void Begin()
    {
        lock (_gate)
        {
            while (_open.Count < settings.Flows)
                OpenNext();
        }
    }

    public void Join(HostProcess host)
    {
        lock (_gate)
        {
            _hosts.Add(host);
            foreach (var flow in _open.Values.Where(flow => flow.Plan.Manner == Manner.Called))
                host.Tell(Command("run", flow));
        }
    }

    public void Leave(HostProcess host)
    {
        lock (_gate)
            _hosts.Remove(host);
    }

    /// <summary>Asks one host to start a flow that has no run, unless one was asked that lives. Two that call a flow start it twice when it is cancelled.</summary>
    public void AskOne(OpenFlow flow)
    {
        lock (_gate)
        {
            if (flow.Plan.Manner == Manner.Called || _hosts.Count == 0)
                return;
            if (flow.Asked is null)
            {
                flow.Asked = _dice.Pick(_hosts);
                flow.Asked.Tell(Command("start", flow));
            }
            else if (!_hosts.Contains(flow.Asked))
            {
                flow.Asked = null; // it may have begun the flow just before it died: the next look tells
            }
        }
    }

    /// <summary>Opens no more flows.</summary>
    public void Close()
    {
        lock (_gate)
            _isClosing = true;
    }

    /// <summary>Waits until all flows that were opened have ended. False when none ended for a long time.</summary>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task progress;
            lock (_gate)
            {
                if (_open.Count == 0)
                    return true;
                if (_progress.Task.IsCompleted)
                    _progress = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                progress = _progress.Task;
            }

            try
            {
                await progress.WaitAsync(settings.Patience, cancellationToken);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    public void Trouble(string what, ulong seed = 0)
    {
        lock (_gate)
            _troubles.Add(new Violation("trouble", seed, what));
    }

    /// <summary>Takes what a host says.</summary>
    public void Hear(HostProcess host, string line)
    {
        var words = line.Split(' ', 4);
        if (words.Length < 2)
            return;
        var seed = ulong.Parse(words[1], CultureInfo.InvariantCulture);
        lock (_gate)
        {
            if (words[0] == "done")
            {
                var unknown = words[3].Split(',', StringSplitOptions.RemoveEmptyEntries);
                _answers.Add(new Answer(seed, new Folded(ulong.Parse(words[2], CultureInfo.InvariantCulture), unknown)));
            }
            else if (words[0] is "failed" or "stuck")
            {
                _troubles.Add(new Violation("trouble", seed, $"process {host.Id} says: {line}"));
            }
        }
    }

    /// <summary>The flow has ended: the next one begins.</summary>
    public void End(OpenFlow flow)
    {
        lock (_gate)
        {
            if (!_open.Remove(flow.Seed))
                return;
            if (!_isClosing)
                OpenNext();
            _progress.TrySetResult();
        }
    }

    private static string Command(string command, OpenFlow flow) => string.Create(CultureInfo.InvariantCulture, $"{command} {flow.Seed}");

    private void OpenNext()
    {
        // The number of the flow can be read from its seed: the last six digits.
        var flow = new OpenFlow((settings.Seed * 1_000_000) + (ulong)_seeds.Count + 1);
        _seeds.Add(flow.Seed);
        _open.Add(flow.Seed, flow);
        if (flow.Plan.Manner != Manner.Called)
            return;
        foreach (var host in _hosts)
            host.Tell(Command("run", flow));
    }
}
