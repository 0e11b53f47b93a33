using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>How a host that is thought to live looks from here.</summary>
internal enum HostLife
{
    /// <summary>Its process is there, or it said so within the last minute.</summary>
    Alive,
    /// <summary>It is on another machine and has not said for a minute that it lives.</summary>
    Silent,
    /// <summary>It was on this machine, and its process is not there.</summary>
    Dead,
}

/// <summary>Hosts for people.</summary>
internal static class HostView
{
    /// <summary>Hosts say every few seconds that they live.</summary>
    private static readonly TimeSpan LongSilence = TimeSpan.FromMinutes(1);

    private static readonly HostRecord Here = HostIdentity.Create(TimeProvider.System);

    internal static HostLife Of(HostRecord host, DateTimeOffset now) =>
        HostIdentity.IsSameMachine(host, Here) ? HostIdentity.IsProcessThere(host) ? HostLife.Alive : HostLife.Dead
        : now - host.HeartbeatAt > LongSilence ? HostLife.Silent
        : HostLife.Alive;

    internal static string Name(HostRecord host) => string.Create(CultureInfo.InvariantCulture, $"process {host.ProcessId} on {host.Machine}");
}
