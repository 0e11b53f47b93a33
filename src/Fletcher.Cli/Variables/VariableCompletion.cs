using System.CommandLine;
using System.CommandLine.Completions;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Completes the names of variables and secrets from the store that the command line means.</summary>
internal static class VariableCompletion
{
    private const int Most = 200;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    internal static Argument<string> Completing(this Argument<string> argument, VariableKind kind)
    {
        argument.CompletionSources.Add(context => Names(context, kind));
        return argument;
    }

    private static IEnumerable<CompletionItem> Names(CompletionContext context, VariableKind kind)
    {
        try
        {
            // On another thread, so that a server which does not answer holds up nobody's typing.
            var names = Task.Run(() => ReadAsync(context.ParseResult, kind));
            return names.Wait(Limit) ? names.Result.Where(name => name.StartsWith(context.WordToComplete, StringComparison.Ordinal)).Select(static name => new CompletionItem(name)) : [];
        }
        catch (AggregateException)
        {
            return []; // there is no store to complete from
        }
    }

    private static async Task<List<string>> ReadAsync(ParseResult arguments, VariableKind kind)
    {
        var store = StorePlace.Of(arguments).Create(mustExist: true);
        await using (store.ConfigureAwait(false))
        {
            await store.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            return store.Variables is { } variables
                ? [.. (await variables.ListAsync(kind, null, Most, CancellationToken.None).ConfigureAwait(false)).Select(static record => record.Name)]
                : [];
        }
    }
}
