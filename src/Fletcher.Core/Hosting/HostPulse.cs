using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>
/// What a host does every so often while it has runs: mark long steps as running, and say that it lives. Without runs it
/// rests. It beats in real time, whatever the host's clock: other processes look at it from outside.
/// </summary>
internal sealed class HostPulse(FletcherHost host) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private DateTimeOffset _lastHeartbeat = host.Now;
    private bool _beating;

    internal void Start()
    {
        lock (_gate)
            _timer ??= TimeProvider.System.CreateTimer(_ => Beat(), null, Period, Period);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    /// <summary>Does it once.</summary>
    internal void Beat()
    {
        lock (_gate)
        {
            if (host.Executions.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
                return;
            }

            if (_beating)
                return;
            _beating = true;
        }

        try
        {
            foreach (var execution in host.Executions)
                execution.MarkRunning();
            if (host.Now - _lastHeartbeat >= HostIdentity.HeartbeatEvery)
                Heartbeat();
        }
        catch (Exception e)
        {
            // An exception on a timer's thread would end the process; and the next beat may go well.
            host.Observers.Note($"The host's pulse failed: {e.Message}");
        }
        finally
        {
            lock (_gate)
                _beating = false;
        }
    }

    private void Heartbeat()
    {
        _lastHeartbeat = host.Now;
        try
        {
            host.Store.PutHostAsync(host.Identity with { HeartbeatAt = _lastHeartbeat }, CancellationToken.None)
                .AsTask().GetAwaiter().GetResult();
        }
        catch (StoreUnavailableException)
        {
            // The runs' own writes meet the same trouble and tell it; a heartbeat has nobody to tell.
        }
    }
}
