using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>
/// What a host does every so often while it has runs: mark long steps as running, park what only waits, and say that it lives. It
/// has a thread of its own, so that code which keeps the thread pool busy does not make the host look dead, and beats in real time,
/// whatever the host's clock: other processes look at it from outside.
/// </summary>
internal sealed class HostPulse : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly FletcherHost _host;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Lock _gate = new();
    private readonly TimeSpan _every;
    private Thread? _thread;
    private long _beatAt = TimeProvider.System.GetTimestamp();
    private long _beat;
    private volatile bool _stopped;

    internal HostPulse(FletcherHost host)
    {
        _host = host;
        _every = host.HostTimeout / 4;
    }

    /// <summary>Whether the host has said nothing for so long that others may have taken it for dead.</summary>
    internal bool IsSilent => TimeProvider.System.GetElapsedTime(Volatile.Read(ref _beatAt)) >= _host.HostTimeout;

    /// <summary>Begins to beat; it ends by itself when the host has nothing to do.</summary>
    internal void Start()
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            if (_thread is null)
            {
                _host.Health.Pulsed();
                _thread = new Thread(Run) { IsBackground = true, Name = "Fletcher pulse" };
                _thread.UnsafeStart(); // without the context of the flow that happens to be the first: it would be kept alive, and taken for running
            }
        }
    }

    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _stopped = true;
            thread = _thread;
            _wake.Set();
        }

        thread?.Join();
        _wake.Dispose();
    }

    /// <summary>Does it once.</summary>
    internal void Beat()
    {
        try
        {
            foreach (var execution in _host.Executions)
            {
                execution.MarkRunning();
                execution.ShowLimitWait();
                if (execution.Root == execution)
                    execution.ConsiderParking();
            }

            if (TimeProvider.System.GetElapsedTime(_beatAt) >= _every)
                Heartbeat();
        }
        catch (Exception e)
        {
            // The next beat may go well, and without a pulse the host would be taken for dead.
            _host.Observers.Note($"The host's pulse failed: {e.Message}");
        }
    }

    private void Run()
    {
        while (!_stopped)
        {
            lock (_gate)
            {
                if (!_host.IsBusy)
                {
                    _thread = null;
                    return;
                }
            }

            Beat();
            _host.Health.Pulsed();
            _wake.WaitOne(Period);
        }
    }

    /// <summary>Says at once what the host's record says by now. Its beat does not grow: that is for the pulse.</summary>
    internal ValueTask SayAsync(CancellationToken cancellationToken) =>
        _host.Store.PutHostAsync(_host.Identity with { HeartbeatAt = _host.Now, Beat = Volatile.Read(ref _beat) }, cancellationToken);

    private void Heartbeat()
    {
        var silence = TimeProvider.System.GetElapsedTime(_beatAt);
        try
        {
            _host.Store.PutHostAsync(_host.Identity with { HeartbeatAt = _host.Now, Beat = ++_beat }, CancellationToken.None)
                .AsTask().GetAwaiter().GetResult();
            Volatile.Write(ref _beatAt, TimeProvider.System.GetTimestamp());
        }
        catch (StoreUnavailableException)
        {
            // The runs' own writes meet the same trouble and tell it; a heartbeat has nobody to tell.
            return;
        }

        // After a silence this host may have been taken for dead.
        if (silence > _host.HostTimeout / 2)
            _host.VerifyLeasesAsync().AsTask().GetAwaiter().GetResult();
    }
}
