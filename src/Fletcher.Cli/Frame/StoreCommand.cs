using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>A command that works on an open store.</summary>
internal abstract class StoreCommand : ToolCommand
{
    /// <inheritdoc cref="ToolCommand(string, string, string[])"/>
    protected StoreCommand(string name, string description, params string[] examples)
        : base(name, description, examples) => SetAction(OpenAndRunAsync);

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(Session session);

    private async Task<int> OpenAndRunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var session = await Session.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
            return await RunAsync(session).ConfigureAwait(false);
    }
}
