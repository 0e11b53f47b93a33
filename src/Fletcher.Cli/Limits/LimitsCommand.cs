using System.CommandLine;
using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lists limits.</summary>
internal sealed class LimitsCommand : StoreCommand
{
    private const int MostLanes = 20;
    private const int MostPlaces = 5;

    private readonly Argument<string?> _name;

    internal LimitsCommand()
        : base(
            "limits", "Lists the limits: what they bound, who has started under them, and who waits.",
            "limits",
            "limits smtp --json",
            "limits set smtp --slots 5 --reason 'the mail server was enlarged'",
            "limits reset smtp")
    {
        _name = OptionalArgument("limit", "Only this one, with up to 100 of its keys. Default: all, with up to 20 keys each.").CompletedWith(StoreNames.Limits);
        Subcommands.Add(new SetLimitCommand());
        Subcommands.Add(new ResetLimitCommand());
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var limits = await session.Client.GetLimitsAsync(session.CancellationToken).ConfigureAwait(false);
        var name = session.GetOptional(_name);
        if (name is not null)
        {
            var names = limits.Select(static limit => limit.Name).ToList();
            limits = [.. limits.Where(limit => limit.Name == name)];
            if (limits.Count == 0)
                throw new CommandException($"There is no limit '{name}' in the store ({session.Store.Description}).{Nearest.Suggest(name, names)}");
        }

        List<(LimitRecord Limit, IReadOnlyList<LimitLaneRecord> Lanes)> found = [];
        foreach (var limit in limits)
        {
            var lanes = await session.Client.GetLimitLanesAsync(limit.Name, null, session.CancellationToken).ConfigureAwait(false);
            found.Add((limit, name is null ? [.. lanes.Take(MostLanes)] : lanes));
        }

        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteStartArray("limits");
                foreach (var (limit, lanes) in found)
                {
                    json.WriteStartObject();
                    json.WriteLimit(limit, lanes);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        session.Printer.Write(found.Count == 0 ? [new StyledLine().Add("No limit is declared or set.")] : found.SelectMany(one => Compose(session, one.Limit, one.Lanes)));
        return ExitCode.Ok;
    }

    private static IEnumerable<StyledLine> Compose(Session session, LimitRecord limit, IReadOnlyList<LimitLaneRecord> lanes)
    {
        var now = session.Time.GetUtcNow();
        var head = new StyledLine().Add(limit.Name, Tone.Strong).Add("  " + LimitView.Settings(limit.Settings));
        if (limit.Set is { } set)
            head.Add($"  set by {set.Actor} {Ago.Of(set.At, now)}{(set.Reason is { } why ? $": {why}" : "")}", Tone.Warning);
        if (limit.Set is not null && limit.Declared is { } declared)
            head.Add($"  (declared: {LimitView.Settings(declared.Settings)})", Tone.Dim);
        yield return head;
        if (lanes.Count == 0)
            yield return new StyledLine(2).Add("nobody uses it", Tone.Dim);
        foreach (var lane in lanes)
        {
            var line = new StyledLine(2).Add(lane.Key.Length == 0 ? "" : $"[{lane.Key}] ", Tone.Accent)
                .Add($"{Readable.Count(lane.HolderCount)} started, {Readable.Count(lane.WaiterCount)} wait");
            if (limit.Settings.Slots is { } slots)
                line.Add($", {Readable.Count(lane.Taken)} of {Readable.Count(slots)} slots taken", Tone.Dim);
            if (lane.Tokens is { } tokens)
                line.Add($", {Readable.Plural(tokens, "token", "tokens")}", Tone.Dim);
            if (lane.OpenReason is { } open)
                line.Add($"  breaker open until {Readable.Time(lane.OpenUntil ?? now, session.Printer.Zone)}: {open}", Tone.Bad);
            yield return line;
            foreach (var place in Places(lane.Holders, lane.HolderCount, "has ", Tone.Good, now))
                yield return place;
            foreach (var place in Places(lane.Waiters, lane.WaiterCount, "waits", Tone.Warning, now))
                yield return place;
        }
    }

    private static IEnumerable<StyledLine> Places(IReadOnlyList<LimitPlace> places, int count, string word, Tone tone, DateTimeOffset now)
    {
        foreach (var place in places.Take(MostPlaces))
            yield return new StyledLine(4) { IsVerbatim = true }.Add(word + " ", tone).Add(LimitView.Place(place)).Add($"  since {Ago.Short(now - (place.GrantedAt ?? place.AskedAt))}", Tone.Dim);
        if (count > MostPlaces)
            yield return new StyledLine(4).Add($"and {Readable.Count(count - Math.Min(MostPlaces, places.Count))} more", Tone.Dim);
    }
}
