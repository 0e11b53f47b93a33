using System.CommandLine;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>A command that asks something of one run.</summary>
internal abstract class RunActionCommand : StoreCommand
{
    private readonly Argument<string> _run;
    private readonly Option<string> _reason;

    /// <inheritdoc cref="StoreCommand(string, string, string[])"/>
    protected RunActionCommand(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        _run = Argument("run", "The run's id, or how it begins or ends.");
        _reason = Option<string>("--reason", "Why, in one sentence; it is kept with the run.", "text");
    }

    protected override async Task<int> RunAsync(Session session) =>
        await ActAsync(session, await session.FindAsync(session.Get(_run)).ConfigureAwait(false), session.Get(_reason)).ConfigureAwait(false);

    /// <summary>Asks it.</summary>
    protected abstract Task<int> ActAsync(Session session, FlowRunRecord run, string? reason);
}
