using System.CommandLine;
using System.Text.Json;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Sends a signal to a run.</summary>
internal sealed class SignalCommand : StoreCommand
{
    private readonly Argument<string> _run;
    private readonly Argument<string> _name;
    private readonly Argument<string?> _value;
    private readonly Option<string> _key;

    internal SignalCommand()
        : base(
            "signal", "Sends a signal to a run, for Flow.WaitFor. It is kept until a wait takes it.",
            "runs signal r1t3v5x7 payment '{\"amount\": 240}'",
            "runs signal r1t3v5x7 go --key order-17     # sent twice, it counts once")
    {
        _run = Argument("run", "The run's id, or how it begins or ends.");
        _name = Argument("name", "The signal's name.");
        _value = OptionalArgument("json", "Its value as JSON. Default: none.");
        _key = Option<string>("--key", "Of the signals to one run with the same key only the first counts.", "key");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        JsonElement? value = null;
        if (session.GetOptional(_value) is { } text)
        {
            try
            {
                using var document = JsonDocument.Parse(text);
                value = document.RootElement.Clone();
            }
            catch (JsonException e)
            {
                throw new CommandException($"The value of the signal is no JSON: {e.Message} A text is written in quotes: '\"{text}\"'.", ExitCode.Usage);
            }
        }

        var run = await session.FindAsync(session.Get(_run)).ConfigureAwait(false);
        var name = session.Get(_name);
        var isNew = await session.Client.SignalAsync(run.Id, name, value, session.Get(_key), session.CancellationToken).ConfigureAwait(false);
        return await Ask.DoneAsync(
            session, run, "signal", isNew ? $"Signal '{name}' was sent to run {run.Id} of '{run.Flow}'" : $"Signal '{name}' with this key was sent to run {run.Id} before", needsHost: isNew).ConfigureAwait(false);
    }
}
