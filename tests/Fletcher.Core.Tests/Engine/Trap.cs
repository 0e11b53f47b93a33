namespace Fletcher.Engine.Tests;

/// <summary>A place in a test's flows where their code is held while the trap is set, so that its process can die just there.</summary>
internal sealed class Trap
{
    private TaskCompletionSource? _reached;
    private TaskCompletionSource? _open;

    internal void Set()
    {
        _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Holds nobody any more who comes from now on.</summary>
    internal void Clear() => (_reached, _open) = (null, null);

    /// <summary>Lets go of whoever is held.</summary>
    internal void Open() => _open!.SetResult();

    /// <summary>Returns when somebody is held.</summary>
    internal Task Reached() => _reached!.Task.WithinLimit("the trap");

    /// <summary>What the code of a flow calls: is held while the trap is set.</summary>
    internal async Task Pass()
    {
        _reached?.TrySetResult();
        if (_open is { } open)
            await open.Task;
    }

    /// <summary>Runs the flow until it is held, and lets its process die there.</summary>
    /// <param name="store">The process's view of the store.</param>
    /// <param name="host">The process's host.</param>
    /// <param name="flow">The flow.</param>
    /// <param name="isWritten">Whether what nobody waits for is in the store by then.</param>
    internal async Task KillInside(SurvivingStore store, TestHost host, Func<Task> flow, bool isWritten)
    {
        Set();
        var lost = host.Host.RunAsync(flow);
        await Reached();
        if (isWritten)
            await host.Host.FlushAsync();
        store.Kill();
        Open();
        await store.End(host, lost);
    }
}
