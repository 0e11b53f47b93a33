using System.Globalization;
using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lists hosts.</summary>
internal sealed class HostsCommand() : StoreCommand(
    "hosts", "Lists the processes that run flows and are thought to live: how they are, what they take, and how many runs they have.",
    "hosts",
    "hosts --json")
{
    private const int MostCounted = 1000;

    protected override async Task<int> RunAsync(Session session)
    {
        var now = session.Time.GetUtcNow();
        List<(HostRecord Host, HostLife Life, int Runs)> hosts = [];
        foreach (var host in await session.Store.GetLivingHostsAsync(session.CancellationToken).ConfigureAwait(false))
        {
            var runs = await session.Store.GetRunsOfHostAsync(host.Id, default, MostCounted, session.CancellationToken).ConfigureAwait(false);
            hosts.Add((host, HostView.Of(host, now), runs.Count));
        }

        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteStartArray("hosts");
                foreach (var (host, life, runs) in hosts)
                {
                    json.WriteStartObject();
                    json.WriteString("id", host.Id.ToString("D"));
                    json.WriteString("machine", host.Machine);
                    json.WriteNumber("processId", host.ProcessId);
                    json.WriteString("life", life.ToString());
                    json.WriteTime("startedAt", host.StartedAt);
                    json.WriteTime("heartbeatAt", host.HeartbeatAt);
                    json.WriteNumber("runs", runs);
                    json.WriteNumber("capacity", host.Capacity);
                    json.WriteTexts("flows", host.Flows);
                    json.WriteTexts("queues", host.Queues);
                    json.WriteTexts("labels", host.Labels);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        if (hosts.Count == 0)
        {
            session.Printer.Write($"No host lives, in {session.Store.Description}.");
            return ExitCode.Ok;
        }

        var table = new Table(new("HOST", Shrinks: true), new("LIFE"), new("SINCE", IsNumber: true), new("BEAT", IsNumber: true), new("RUNS", IsNumber: true), new("ROOM", IsNumber: true), new("TAKES", Shrinks: true));
        foreach (var (host, life, runs) in hosts)
        {
            table.Add(
                (string.Create(CultureInfo.InvariantCulture, $"{host.Machine}/{host.ProcessId}"), Tone.Strong),
                (life.ToString().ToLowerInvariant(), life switch { HostLife.Alive => Tone.Good, HostLife.Silent => Tone.Warning, _ => Tone.Bad }),
                (Ago.Of(host.StartedAt, now), Tone.Dim),
                (Ago.Of(host.HeartbeatAt, now), Tone.Dim),
                (runs == MostCounted ? "1,000+" : Readable.Count(runs), Tone.Normal),
                (Readable.Count(host.Capacity), Tone.Dim),
                (Takes(host), Tone.Dim));
        }

        session.Printer.Write(table.Lines(session.Printer.Width, session.Printer.Glyphs.Ellipsis));
        return ExitCode.Ok;
    }

    private static string Takes(HostRecord host)
    {
        if (host.Flows.Count == 0)
            return "nothing: it runs what its program calls";
        var text = string.Join(", ", host.Flows);
        if (host.Queues.Count > 0)
            text += $"; queues {string.Join(", ", host.Queues)}";
        return host.Labels.Count > 0 ? $"{text}; labels {string.Join(", ", host.Labels)}" : text;
    }
}
