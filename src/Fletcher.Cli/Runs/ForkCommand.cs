using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Makes a new run with the memory of another one.</summary>
internal sealed class ForkCommand : RunActionCommand
{
    private readonly Option<string> _before;
    private readonly Option<string[]> _parameter;
    private readonly Option<string> _result;
    private readonly Option<bool> _dryRun;

    internal ForkCommand()
        : base(
            "fork", "Makes a new run that begins with what another one did, with changed parameters or one changed result if you like. The other one stays as it is.",
            "runs fork r1t3v5x7 -p month=2026-11-01",
            "runs fork r1t3v5x7 --before 4 --dry-run",
            "runs fork r1t3v5x7 --result 'AggregateUsage=[]'")
    {
        _before = Option<string>("--before", "The step run before which the memory ends: it and what came later run in the fork.", "step");
        _parameter = ManyOption("--param", "Another value for a parameter: JSON, or text. May be given several times.", "name=value", "-p");
        _result = Option<string>("--result", "Another result for one step run, as JSON.", "step=json");
        _dryRun = Option<bool>("--dry-run", "Only says what would be copied and what would run.");
    }

    protected override async Task<int> ActAsync(Session session, FlowRunRecord run, string? reason)
    {
        StepSelector? end = session.Get(_before) is { } before ? RerunCommand.Selector(before, "--before") : (StepSelector?)null;
        var options = new ForkOptions { Before = end, Reason = reason };
        var flow = await session.Store.GetFlowAsync(run.Flow, session.CancellationToken).ConfigureAwait(false);
        foreach (var (name, value) in ParameterText.Parse(session.GetMany(_parameter), flow?.ParameterSchema))
            options.WithParameterJson(name, value);
        if (session.Get(_result) is { } given)
        {
            var sign = given.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0)
                throw new CommandException($"--result is '{given}'. Write the step run and its result as JSON: --result 'AggregateUsage=[]'.", ExitCode.Usage);
            options.WithResultJson(RerunCommand.Selector(given[..sign], "--result"), given[(sign + 1)..]);
        }

        if (session.Get(_dryRun))
            return PlanView.Show(session, await session.Client.PlanForkAsync(run.Id, options, session.CancellationToken).ConfigureAwait(false), isDone: false);
        var id = await session.Client.ForkAsync(run.Id, options, session.CancellationToken).ConfigureAwait(false);
        var fork = await session.FindAsync(id.ToString()).ConfigureAwait(false);
        return await Ask.DoneAsync(session, fork, "fork", $"Run {id} of '{run.Flow}' was made of run {run.Id}", needsHost: true).ConfigureAwait(false);
    }
}
