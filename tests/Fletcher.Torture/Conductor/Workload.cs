using System.Globalization;
using Fletcher.Torture.Oracle;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Conductor;

/// <summary>Which flows are under way. All hosts are asked for all of them, and agree among themselves who runs which.</summary>
internal sealed class Workload(Settings settings)
{
    private readonly Lock _gate = new();
    private readonly List<ulong> _seeds = [];
    private readonly HashSet<ulong> _open = [];
    private readonly List<HostProcess> _hosts = [];
    private readonly List<Answer> _answers = [];
    private readonly List<Violation> _troubles = [];
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosing;

    public IReadOnlyList<ulong> Seeds => _seeds;

    public IReadOnlyList<Answer> Answers => _answers;

    public IReadOnlyList<Violation> Troubles => _troubles;

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
            foreach (var seed in _open)
                host.Tell(Command(seed));
        }
    }

    public void Leave(HostProcess host)
    {
        lock (_gate)
            _hosts.Remove(host);
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
            switch (words[0])
            {
                case "done":
                    var unknown = words[3].Split(',', StringSplitOptions.RemoveEmptyEntries);
                    _answers.Add(new Answer(seed, new Folded(ulong.Parse(words[2], CultureInfo.InvariantCulture), unknown)));
                    End(seed);
                    break;
                case "failed":
                    _troubles.Add(new Violation("trouble", seed, $"process {host.Id} says: {line}"));
                    End(seed);
                    break;
            }
        }
    }

    private static string Command(ulong seed) => string.Create(CultureInfo.InvariantCulture, $"run {seed}");

    private void End(ulong seed)
    {
        if (!_open.Remove(seed))
            return;
        if (!_isClosing)
            OpenNext();
        _progress.TrySetResult();
    }

    private void OpenNext()
    {
        // The number of the flow can be read from its seed: the last six digits.
        var seed = (settings.Seed * 1_000_000) + (ulong)_seeds.Count + 1;
        _seeds.Add(seed);
        _open.Add(seed);
        foreach (var host in _hosts)
            host.Tell(Command(seed));
    }
}
