using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Whether the hosts live, and whether their clocks agree with the one here.</summary>
internal static class HostCheck
{
    private const double MostApart = 5;

    /// <summary>A host beats every few seconds; one that does not move for so long is not there.</summary>
    private static readonly TimeSpan BeatTime = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    internal static async Task<IEnumerable<Finding>> FindAsync(Session session)
    {
        var now = session.Time.GetUtcNow();
        var hosts = await session.Store.GetLivingHostsAsync(session.CancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        foreach (var host in hosts)
        {
            var ahead = (host.HeartbeatAt - now).TotalSeconds;
            if (ahead > MostApart)
                findings.Add(Clock(host, ahead));
            else if (HostView.Of(host, now) == HostLife.Dead && await HasRunsAsync(session, host.Id).ConfigureAwait(false))
                findings.Add(new Finding("host", $"The host {HostView.Name(host)} is not there any more, and nobody has noticed.", "Any host that is started takes over what it had."));
            else if (HostView.Of(host, now) == HostLife.Silent)
                findings.Add(await BeatsAsync(session, host).ConfigureAwait(false) ? Clock(host, ahead)
                    : new Finding("host", $"The host {HostView.Name(host)} was last heard of {Ago.Of(host.HeartbeatAt, now)}.", "See whether its machine and its way to the store are well; other hosts take over what it had."));
        }

        var living = hosts.Select(static host => host.Id).ToHashSet();
        var gone = (await session.Store.GetOwnersAsync(session.CancellationToken).ConfigureAwait(false)).Where(owner => !living.Contains(owner)).ToList();
        foreach (var owner in gone)
        {
            var runs = await session.Store.GetRunsOfHostAsync(owner, default, 1, session.CancellationToken).ConfigureAwait(false);
            if (runs.Count > 0)
                findings.Add(new Finding("host", $"Run {runs[0].Id} of '{runs[0].Flow}', and maybe more, is with a host that has ended.", "A host that is started takes it over."));
        }

        return findings;
    }

    private static Finding Clock(HostRecord host, double ahead) => new(
        "clock",
        string.Create(CultureInfo.InvariantCulture, $"The clock of {host.Machine} is {Math.Abs(ahead):0} s {(ahead > 0 ? "ahead of" : "behind")} the clock here."),
        "Let both follow a time server; until then times are shown wrong, and runs start early or late by that.");

    // A program that ended with an exception is in the list until another host looks; that harms nobody.
    private static async Task<bool> HasRunsAsync(Session session, Guid host) =>
        (await session.Store.GetRunsOfHostAsync(host, default, 1, session.CancellationToken).ConfigureAwait(false)).Count > 0;

    private static async Task<bool> BeatsAsync(Session session, HostRecord host)
    {
        var began = session.Time.GetTimestamp();
        while (session.Time.GetElapsedTime(began) < BeatTime)
        {
            await Task.Delay(LookEvery, session.Time, session.CancellationToken).ConfigureAwait(false);
            if (await session.Store.GetHostAsync(host.Id, session.CancellationToken).ConfigureAwait(false) is { } again && again.Beat > host.Beat)
                return true;
        }

        return false;
    }
}
