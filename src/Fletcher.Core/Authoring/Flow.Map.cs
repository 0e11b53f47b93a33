using System.Runtime.CompilerServices;
using Fletcher.Engine;

namespace Fletcher;

public static partial class Flow
{
    /// <summary>How many items <c>Map</c> works on at the same time when nothing is said: 16.</summary>
    public const int DefaultMaxConcurrency = 16;

    /// <summary>
    /// Does work for each item, several at a time, and returns the results in the order of the items. Within a flow a step may
    /// be given by its name (<c>Flow.Map(invoices, SendInvoice)</c>), or called in a lambda.
    /// </summary>
    /// <param name="items">The items; read one after the other, as there is room to start the next.</param>
    /// <param name="body">The work for an item.</param>
    /// <param name="maxConcurrency">How many items are worked on at the same time; at least 1.</param>
    /// <param name="failure">What happens when an item fails; default <see cref="MapFailure.Stop"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is less than 1.</exception>
    [OverloadResolutionPriority(1)] // an async lambda could be a ValueTask as well
    public static Task<MapResult<TResult>> Map<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, Task<TResult>> body,
        int maxConcurrency = DefaultMaxConcurrency, MapFailure failure = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunMap(items, (item, _) => new ValueTask<TResult>(body(item)), maxConcurrency, failure);
    }

    /// <inheritdoc cref="Map{TItem,TResult}(IEnumerable{TItem},Func{TItem,Task{TResult}},int,MapFailure)"/>
    [OverloadResolutionPriority(1)]
    public static Task<MapResult<TResult>> Map<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, CancellationToken, Task<TResult>> body,
        int maxConcurrency = DefaultMaxConcurrency, MapFailure failure = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunMap(items, (item, token) => new ValueTask<TResult>(body(item, token)), maxConcurrency, failure);
    }

    /// <inheritdoc cref="Map{TItem,TResult}(IEnumerable{TItem},Func{TItem,Task{TResult}},int,MapFailure)"/>
    public static Task<MapResult<TResult>> Map<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, ValueTask<TResult>> body,
        int maxConcurrency = DefaultMaxConcurrency, MapFailure failure = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunMap(items, (item, _) => body(item), maxConcurrency, failure);
    }

    /// <inheritdoc cref="Map{TItem,TResult}(IEnumerable{TItem},Func{TItem,Task{TResult}},int,MapFailure)"/>
    public static Task<MapResult<TResult>> Map<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, CancellationToken, ValueTask<TResult>> body,
        int maxConcurrency = DefaultMaxConcurrency, MapFailure failure = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunMap(items, body, maxConcurrency, failure);
    }

    /// <inheritdoc cref="Map{TItem,TResult}(IEnumerable{TItem},Func{TItem,Task{TResult}},int,MapFailure)"/>
    public static Task<MapResult<TResult>> Map<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, TResult> body,
        int maxConcurrency = DefaultMaxConcurrency, MapFailure failure = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunMap(items, (item, _) => new ValueTask<TResult>(body(item)), maxConcurrency, failure);
    }

    /// <inheritdoc cref="Map{TItem,TResult}(IEnumerable{TItem},Func{TItem,Task{TResult}},int,MapFailure)"/>
    public static Task<MapResult<Nothing>> Map<TItem>(
        IEnumerable<TItem> items, Func<TItem, Task> body,
        int maxConcurrency = DefaultMaxConcurrency, MapFailure failure = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunMap(items, (item, _) => Nothing(body(item)), maxConcurrency, failure);
    }

    /// <inheritdoc cref="Map{TItem,TResult}(IEnumerable{TItem},Func{TItem,Task{TResult}},int,MapFailure)"/>
    public static Task<MapResult<Nothing>> Map<TItem>(
        IEnumerable<TItem> items, Func<TItem, CancellationToken, Task> body,
        int maxConcurrency = DefaultMaxConcurrency, MapFailure failure = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunMap(items, (item, token) => Nothing(body(item, token)), maxConcurrency, failure);
    }

    /// <inheritdoc cref="Map{TItem,TResult}(IEnumerable{TItem},Func{TItem,Task{TResult}},int,MapFailure)"/>
    public static Task<MapResult<Nothing>> Map<TItem>(
        IEnumerable<TItem> items, Action<TItem> body,
        int maxConcurrency = DefaultMaxConcurrency, MapFailure failure = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunMap(
            items,
            (item, _) =>
            {
                body(item);
                return new ValueTask<Nothing>(default(Nothing));
            },
            maxConcurrency, failure);
    }

    private static Task<MapResult<TResult>> RunMap<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, CancellationToken, ValueTask<TResult>> body, int maxConcurrency, MapFailure failure) =>
        FanOut.RunAsync(items, new LambdaBody<TItem, TResult>(body), maxConcurrency, failure);

    private static async ValueTask<Nothing> Nothing(Task task)
    {
        await task.ConfigureAwait(false);
        return default;
    }
}
