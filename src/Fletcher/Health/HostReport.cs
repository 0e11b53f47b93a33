using Fletcher.Hosting;

namespace Fletcher.Health;

/// <summary>What a check of a host tells beside its verdict.</summary>
internal static class HostReport
{
    internal static Dictionary<string, object> Of(FletcherHost host)
    {
        var data = new Dictionary<string, object>
        {
            ["host"] = host.Id.ToString(),
            ["store"] = host.Store.Description,
            ["runs"] = host.Executions.Count,
            ["processes"] = host.Isolated.Count,
            ["leaks"] = host.LeakCount,
            ["secondsSinceLook"] = Math.Round(host.Health.SinceLook.TotalSeconds, 1),
        };
        if (host.Health.LastError is { } error)
            data["lastError"] = error;
        return data;
    }
}
