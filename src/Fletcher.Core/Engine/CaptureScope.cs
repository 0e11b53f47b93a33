using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>Around code that says by calling a flow which one is to be started elsewhere: the call is noted, and not made.</summary>
internal sealed class CaptureScope : Ambient
{
    private Call? _captured;

    /// <summary>The call of a flow that the code makes.</summary>
    /// <param name="flow">The code.</param>
    /// <exception cref="FletcherUsageException">It calls none.</exception>
    internal static async Task<Call> CaptureAsync(Func<Task> flow)
    {
        var scope = new CaptureScope();
        try
        {
            // In a context of its own, so that the caller's ambient value stays.
            await RunAsync(scope, flow).ConfigureAwait(false);
        }
        catch (CapturedException) when (scope._captured is not null)
        {
            return scope._captured;
        }

        return scope._captured ?? throw new FletcherUsageException(
            "FLT1210", "The code that was given to start a flow calls none. Call the flow in it, and nothing else: client.StartAsync(() => Billing.InvoiceMonth(month)).");
    }

    internal ValueTask<T> Capture<T>(Call<T> call)
    {
        if (call.Definition is not FlowDefinition)
            return call.InvokeAsync(call.CallerToken);
        _captured ??= call;

        // What comes behind the call must not run: there is no result.
        throw new CapturedException();
    }

    private static async Task RunAsync(CaptureScope scope, Func<Task> flow)
    {
        Current = scope;
        await flow().ConfigureAwait(false);
    }

    private sealed class CapturedException : Exception;
}
