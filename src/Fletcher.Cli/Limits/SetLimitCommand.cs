using System.CommandLine;
using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Sets a limit at run time.</summary>
internal sealed class SetLimitCommand : StoreCommand
{
    private const string None = "none";

    private readonly Argument<string> _name;
    private readonly Option<string> _slots;
    private readonly Option<string> _rate;
    private readonly Option<int?> _burst;
    private readonly Option<string> _breaker;
    private readonly Option<string> _reason;

    internal SetLimitCommand()
        : base(
            "set", "Sets a limit at run time, for all hosts and at once. What is not given stays as it is; 'none' takes a bound away. It wins over what code declares until 'fletcher limits reset'.",
            "limits set smtp --slots 5",
            "limits set crm --rate 100/1m --burst 10 --reason 'they asked us to'",
            "limits set bank --breaker 5/1m/30s     # opens after 5 failures in 1m, for 30s",
            "limits set smtp --rate none")
    {
        _name = Argument("limit", "The limit's name; it need not be declared.").CompletedWith(StoreNames.Limits);
        _slots = Option<string>("--slots", "How many at the same time; 0 lets nobody start.", "n|none");
        _rate = Option<string>("--rate", "How many starts per time: 100/1m.", "count/period|none");
        _burst = Option<int?>("--burst", "How many of a rate may start at once after a pause. Default: as many as come in one second.", "n");
        _breaker = Option<string>("--breaker", "Failures, within what time, and for how long it is open then: 5/1m/30s.", "n/window/open|none");
        _reason = Option<string>("--reason", "Why, in one sentence.", "text");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var name = session.Get(_name);
        var (slots, rate, breaker, burst) = (session.Get(_slots), session.Get(_rate), session.Get(_breaker), session.Get(_burst));
        if (slots is null && rate is null && breaker is null && burst is null)
            throw new CommandException("Nothing is said to set. Give --slots, --rate, --burst or --breaker.", ExitCode.Usage);

        var limits = await session.Client.GetLimitsAsync(session.CancellationToken).ConfigureAwait(false);
        var settings = limits.FirstOrDefault(limit => limit.Name == name)?.Settings ?? new LimitSettings();
        if (slots is not null)
            settings = settings with { Slots = slots == None ? null : Number(slots, "--slots") };
        if (rate is not null)
            settings = settings with { Rate = rate == None ? null : Rate(rate, burst) };
        else if (burst is { } more)
            settings = settings with { Rate = (settings.Rate ?? throw new CommandException($"--burst is for a rate, and limit '{name}' has none. Give --rate too.", ExitCode.Usage)) with { Burst = more } };
        if (breaker is not null)
            settings = settings with { Breaker = breaker == None ? null : Breaker(breaker) };
        await session.Client.SetLimitAsync(name, settings, session.Get(_reason), session.CancellationToken).ConfigureAwait(false);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("limit", name);
                json.WriteString("settings", LimitView.Settings(settings));
            });
        }
        else
        {
            session.Printer.Write($"Limit '{name}' is {LimitView.Settings(settings)}.");
        }

        return ExitCode.Ok;
    }

    private static int Number(string text, string option) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new CommandException($"{option} is '{text}', which is no number.", ExitCode.Usage);

    private static LimitRate Rate(string text, int? burst)
    {
        if (text.Split('/') is not [var count, var period])
            throw new CommandException($"--rate is '{text}'. Write how many per what time: 100/1m.", ExitCode.Usage);
        var span = Durations.Parse(period, "The period of --rate");
        var number = Number(count, "The count of --rate");
        return new LimitRate(number, span, burst ?? LimitRate.DefaultBurst(number, span));
    }

    private static LimitBreaker Breaker(string text)
    {
        if (text.Split('/') is not [var failures, var window, var open])
            throw new CommandException($"--breaker is '{text}'. Write failures, window and how long it is open: 5/1m/30s.", ExitCode.Usage);
        return new LimitBreaker(Number(failures, "The failures of --breaker"), Durations.Parse(window, "The window of --breaker"), Durations.Parse(open, "The time open of --breaker"));
    }
}
