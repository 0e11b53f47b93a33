using Fletcher.Hosting;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Testing;

/// <summary>How a test's host is set up.</summary>
public sealed class FlowTestOptions
{
    private readonly List<Action<FletcherOptions>> _configure = [];

    /// <summary>The time at which the host's clock starts. Default: the beginning of 2026 (UTC).</summary>
    public DateTimeOffset StartTime { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// How long a call of a flow may take in real time, before the test fails with what it waits for. Default: one minute.
    /// </summary>
    public TimeSpan Limit { get; set; } = TimeSpan.FromMinutes(1);

    internal bool IsSqlite { get; private set; }

    /// <summary>Keeps runs in memory; a restarted host finds them. The default.</summary>
    public FlowTestOptions UseMemory()
    {
        IsSqlite = false;
        return this;
    }

    /// <summary>Keeps runs in a SQLite file in a temporary folder, which is deleted with the test's host.</summary>
    public FlowTestOptions UseSqlite()
    {
        IsSqlite = true;
        return this;
    }

    /// <summary>Sets the rest of the host: JSON, rules, observers. Store and clock are the test's. May be called several times.</summary>
    public FlowTestOptions Configure(Action<FletcherOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _configure.Add(configure);
        return this;
    }

    internal void Apply(FletcherOptions host) => _configure.ForEach(configure => configure(host));
}
