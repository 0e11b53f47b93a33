using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Takes back what was set at run time.</summary>
internal sealed class ResetLimitCommand : StoreCommand
{
    private readonly Argument<string> _name;

    internal ResetLimitCommand()
        : base("reset", "Takes back what was set at run time, so that what code declares holds again. A limit that no code declares is gone then.", "limits reset smtp")
        => _name = Argument("limit", "The limit's name.").CompletedWith(StoreNames.Limits);

    protected override async Task<int> RunAsync(Session session)
    {
        var name = session.Get(_name);
        var hasChanged = await session.Client.ResetLimitAsync(name, session.CancellationToken).ConfigureAwait(false);
        var left = (await session.Client.GetLimitsAsync(session.CancellationToken).ConfigureAwait(false)).FirstOrDefault(limit => limit.Name == name);
        if (!hasChanged && left is null)
            throw new CommandException($"There is no limit '{name}' in the store ({session.Store.Description}).");
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("limit", name);
                json.WriteBoolean("changed", hasChanged);
                json.WriteString("settings", left is null ? null : LimitView.Settings(left.Settings));
            });
        }
        else
        {
            session.Printer.Write(
                !hasChanged ? $"Nothing was set for limit '{name}'; it is {LimitView.Settings(left!.Settings)}, as code declares."
                : left is null ? $"Limit '{name}' is gone: no code declares it." : $"Limit '{name}' is {LimitView.Settings(left.Settings)} again, as code declares.");
        }

        return ExitCode.Ok;
    }
}
