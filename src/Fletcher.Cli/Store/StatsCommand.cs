using System.Globalization;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Counts what is in the store.</summary>
internal sealed class StatsCommand() : StoreCommand(
    "stats", "Counts what is in the store, and says how much room it takes. In a large store that takes seconds.",
    "store stats",
    "store stats --json")
{
    protected override async Task<int> RunAsync(Session session)
    {
        var stats = await session.Upkeep().GetStatisticsAsync(session.CancellationToken).ConfigureAwait(false);
        var runs = stats.FlowRuns.Values.Sum();
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("store", session.Store.Description);
                json.WriteNumber("schemaVersion", stats.SchemaVersion);
                json.WriteNumber("bytes", stats.Bytes);
                json.WriteNumber("largeValueBytes", stats.LargeValueBytes);
                json.WriteStartObject("flowRuns");
                foreach (var (state, count) in stats.FlowRuns.OrderBy(static one => one.Key))
                    json.WriteNumber(state.ToString(), count);
                json.WriteEndObject();
                json.WriteNumber("stepRuns", stats.StepRuns);
                json.WriteNumber("logLines", stats.LogLines);
                json.WriteTime("oldestRunAt", stats.OldestRunAt);
                json.WriteTime("newestRunAt", stats.NewestRunAt);
            });
            return ExitCode.Ok;
        }

        List<StyledLine> lines = [new StyledLine { IsVerbatim = true }.Add(session.Store.Description, Tone.Strong)];
        Fact("schema", $"version {stats.SchemaVersion}");
        Fact("room", Size(stats.Bytes) + (stats.LargeValueBytes > 0 ? $", of it {Size(stats.LargeValueBytes)} large results" : ""));
        Fact("flow runs", Readable.Count(runs) + (runs > 0 ? $" ({string.Join(", ", stats.FlowRuns.OrderBy(static one => one.Key).Select(static one => $"{Readable.Count(one.Value)} {Glyphs.Word(one.Key)}"))})" : ""));
        Fact("step runs", Readable.Count(stats.StepRuns));
        Fact("log lines", Readable.Count(stats.LogLines));
        if (stats is { OldestRunAt: { } oldest, NewestRunAt: { } newest })
            Fact("from", $"{Readable.DateAndTime(oldest, session.Printer.Zone)} to {Readable.DateAndTime(newest, session.Printer.Zone)}");
        session.Printer.Write(lines);
        return ExitCode.Ok;

        void Fact(string name, string value) => lines.Add(new StyledLine(2).Add($"{name,-10}", Tone.Dim).Add(value));
    }

    internal static string Size(long bytes) => bytes switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000:N0} kB"),
        < 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000:N0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000_000:N0} GB"),
    };
}
