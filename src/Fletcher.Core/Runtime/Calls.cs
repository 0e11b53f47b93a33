using System.ComponentModel;
using System.Runtime.CompilerServices;
using Fletcher.Engine;

namespace Fletcher.Runtime;

/// <summary>
/// The one entry of generated code into the engine: a method for each shape of return type. A step's interceptor asks
/// <see cref="InFlow"/> first and calls the method directly when it is false.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Calls
{
    /// <summary>Whether the calling code runs inside a flow run.</summary>
    public static bool InFlow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Ambient.Current is Scope;
    }

    /// <summary>Runs a call of a synchronous method.</summary>
    public static TResult Run<TResult>(Call<TResult> call)
    {
        var pending = Dispatch.RunAsync(call);
        return pending.IsCompleted ? pending.GetAwaiter().GetResult() : pending.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Runs a call of a synchronous method that returns nothing.</summary>
    public static void RunVoid(Call<Nothing> call) => Run(call);

    /// <summary>Runs a call of a method that returns a <see cref="Task{TResult}"/>.</summary>
    public static Task<TResult> RunTask<TResult>(Call<TResult> call) => Dispatch.RunTask(call);

    /// <summary>Runs a call of a method that returns a <see cref="Task"/>.</summary>
    public static Task RunVoidTask(Call<Nothing> call) => Dispatch.RunTask(call);

    /// <summary>Runs a call of a method that returns a <see cref="ValueTask{TResult}"/>.</summary>
    public static ValueTask<TResult> RunValueTask<TResult>(Call<TResult> call) => new(Dispatch.RunTask(call));

    /// <summary>Runs a call of a method that returns a <see cref="ValueTask"/>.</summary>
    public static ValueTask RunVoidValueTask(Call<Nothing> call) => new(Dispatch.RunTask(call));

    /// <summary>
    /// Runs a call of a method that returns an <see cref="IAsyncEnumerable{T}"/>: the sequence is read whole, remembered, and
    /// then given out. The call begins when the sequence is enumerated.
    /// </summary>
    public static async IAsyncEnumerable<T> RunSequence<T>(Call<List<T>> call)
    {
        foreach (var item in await Dispatch.RunTask(call).ConfigureAwait(false))
            yield return item;
    }

    /// <summary>Reads a sequence whole; used in the <see cref="Call{TResult}.InvokeAsync"/> of such a call.</summary>
    public static async ValueTask<List<T>> ReadAllAsync<T>(IAsyncEnumerable<T> sequence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        var items = new List<T>();
        await foreach (var item in sequence.WithCancellation(cancellationToken).ConfigureAwait(false))
            items.Add(item);
        return items;
    }

    /// <summary>Runs a <c>Flow.Map</c> whose body is a step or flow, given as a method group.</summary>
    public static Task<MapResult<TResult>> Map<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, Call<TResult>> call, int maxConcurrency, MapFailure failure) =>
        FanOut.RunAsync(items, new CallBody<TItem, TResult>(call), maxConcurrency, failure);
}
