using System.CommandLine;
using System.CommandLine.Completions;

namespace Fletcher.Cli;

/// <summary>Names that the store knows, for shells to complete. Where there is no store, or it is slow, nothing is completed.</summary>
internal static class StoreNames
{
    private const int Most = 1_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    internal static IEnumerable<CompletionItem> Flows(CompletionContext context) =>
        Read(context, static async session => (await session.Store.GetFlowsAsync(session.CancellationToken).ConfigureAwait(false)).Select(static flow => flow.Name));

    internal static IEnumerable<CompletionItem> Deployments(CompletionContext context) => Read(
        context,
        static async session => session.Store.Deployments is { } deployments ? (await deployments.ListAsync(null, Most, session.CancellationToken).ConfigureAwait(false)).Select(static one => one.Name) : []);

    internal static IEnumerable<CompletionItem> Limits(CompletionContext context) =>
        Read(context, static async session => (await session.Client.GetLimitsAsync(session.CancellationToken).ConfigureAwait(false)).Select(static limit => limit.Name));

    // The parser asks for completions and waits for them; apart from its thread nothing else is there that could be held up.
    private static IEnumerable<CompletionItem> Read(CompletionContext context, Func<Session, Task<IEnumerable<string>>> read)
    {
        using var limit = new CancellationTokenSource(Patience);
        var names = Task.Run(() => ReadAsync(context.ParseResult, read, limit.Token), CancellationToken.None).GetAwaiter().GetResult();
        return names.Where(name => name.StartsWith(context.WordToComplete, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).Select(static name => new CompletionItem(name));
    }

    private static async Task<IEnumerable<string>> ReadAsync(ParseResult arguments, Func<Session, Task<IEnumerable<string>>> read, CancellationToken cancellationToken)
    {
        try
        {
            var session = await Session.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
                return await read(session).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FletcherException or CommandException or OperationCanceledException)
        {
            return [];
        }
    }
}
