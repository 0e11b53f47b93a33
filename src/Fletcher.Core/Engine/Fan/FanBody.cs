using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>The work that a fan-out does for an item.</summary>
internal abstract class FanBody<TItem, TResult>
{
    /// <summary>The stable name of the step that does it; null when a lambda does.</summary>
    internal virtual string? Step => null;

    /// <summary>Tells the memory which step runs the items will ask for; only possible where the step is known beforehand.</summary>
    internal virtual void Expect(IEnumerable<TItem> items, Scope scope, RunMemory memory)
    {
    }

    /// <summary>Does it in a strand of a flow, or outside any flow when there is none.</summary>
    internal abstract ValueTask<TResult> RunAsync(TItem item, Scope? scope);
}

/// <summary>A step or flow, given as a method group.</summary>
internal sealed class CallBody<TItem, TResult>(Func<TItem, Call<TResult>> call) : FanBody<TItem, TResult>
{
    internal override void Expect(IEnumerable<TItem> items, Scope scope, RunMemory memory)
    {
        foreach (var item in items)
            memory.Expect(Dispatch.Identify(scope, call(item)));
    }

    internal override ValueTask<TResult> RunAsync(TItem item, Scope? scope) => scope is null
        ? Dispatch.RunAsync(call(item))
        : Dispatch.RunInAsync(scope, call(item));
}

/// <summary>Any code; the steps it calls find the strand through the execution context.</summary>
internal sealed class LambdaBody<TItem, TResult>(Func<TItem, CancellationToken, ValueTask<TResult>> body) : FanBody<TItem, TResult>
{
    internal override ValueTask<TResult> RunAsync(TItem item, Scope? scope) =>
        scope is null ? body(item, CancellationToken.None) : RunInAsync(item, scope);

    private async ValueTask<TResult> RunInAsync(TItem item, Scope scope)
    {
        Ambient.Current = scope;
        return await body(item, scope.Token).ConfigureAwait(false);
    }
}
