using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Storage;

namespace Fletcher.Cli;

/// <summary>What a command has while it runs: its arguments, the open store, and where to write to.</summary>
internal sealed class Session : IAsyncDisposable
{
    private FletcherClient? _client;

    private Session(ParseResult arguments, IRunStore store, Printer printer, CancellationToken cancellationToken)
    {
        Arguments = arguments;
        Store = store;
        Printer = printer;
        CancellationToken = cancellationToken;
    }

    internal ParseResult Arguments { get; }

    internal IRunStore Store { get; }

    internal Printer Printer { get; }

    internal CancellationToken CancellationToken { get; }

    internal TimeProvider Time { get; } = TimeProvider.System;

    internal FletcherClient Client => _client ??= new FletcherClient(Store);

    /// <summary>Opens the store that is there. None is made, and none is changed.</summary>
    internal static async Task<Session> OpenAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var store = StorePlace.Of(arguments).Create(mustExist: true);
        try
        {
            await store.OpenAsync(cancellationToken).ConfigureAwait(false);
            return new Session(arguments, store, Printer.Of(arguments), cancellationToken);
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal T? Get<T>(Option<T> option) => Arguments.GetValue(option);

    internal string Get(Argument<string> argument) => Arguments.GetRequiredValue(argument);

    internal string? GetOptional(Argument<string?> argument) => Arguments.GetValue(argument);

    internal IReadOnlyList<string> GetMany(Option<string[]> option) => Arguments.GetValue(option) ?? [];

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
