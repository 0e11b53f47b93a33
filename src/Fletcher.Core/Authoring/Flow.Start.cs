using Fletcher.Engine;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher;

public static partial class Flow
{
    /// <summary>
    /// Starts a flow as a run of its own, which the calling flow does not wait for: <c>Flow.Start(() => Billing.InvoiceMonth(month))</c>.
    /// When the calling flow is executed again, it finds the same run instead of starting another.
    /// </summary>
    /// <param name="flow">Calls the flow, and nothing else.</param>
    /// <exception cref="FletcherUsageException">The code calls no flow, or more than one.</exception>
    public static async Task<FlowRunHandle<T>> Start<T>(Func<Task<T>> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var caller = Ambient.Current as Scope;
        var host = CurrentHost;
        var start = new StartScope(host, caller);
        var run = Task.Run(() =>
        {
            Ambient.Current = start;
            return flow();
        });
        var first = await Task.WhenAny(run, start.WhenStarted).ConfigureAwait(false);
        if (start.Started.IsEmpty)
        {
            await first.ConfigureAwait(false); // a failure before the start is thrown here
            throw new FletcherUsageException("FLT1210", "Flow.Start was given code that calls no flow.");
        }

        return new FlowRunHandle<T>(start.Started, run);
    }

    /// <inheritdoc cref="Start{T}(Func{Task{T}})"/>
    public static Task<FlowRunHandle<Nothing>> Start(Func<Task> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return Start(async () =>
        {
            await flow().ConfigureAwait(false);
            return default(Nothing);
        });
    }
}

/// <summary>A flow run that was started and not waited for.</summary>
/// <typeparam name="T">What the flow returns.</typeparam>
public sealed class FlowRunHandle<T>
{
    internal FlowRunHandle(RunId id, Task<T> completion) => (Id, Completion) = (id, completion);

    /// <summary>The run.</summary>
    public RunId Id { get; }

    /// <summary>Completes with the run's result, or with the failure that it ended with.</summary>
    public Task<T> Completion { get; }
}
