using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>Decides by what a call is and where it is made who executes it.</summary>
internal static class Dispatch
{
    /// <summary>Runs a step, and gives its caller a task whose failure the run knows about.</summary>
    internal static Task<T> RunTask<T>(StepExecution<T> step)
    {
        var pending = step.ExecuteAsync();
        if (pending.IsCompletedSuccessfully)
            return Task.FromResult(step.Result);
        var task = AwaitAsync(step, pending);
        step.Task = task;
        return task;
    }

    /// <inheritdoc cref="RunTask{T}(StepExecution{T})"/>
    internal static Task<T> RunTask<T>(Call<T> call)
    {
        if (Ambient.Current is not Scope scope)
            return RunAsync(call).AsTask();

        StepExecution<T> step;
        try
        {
            step = InScope(scope, call, true, false);
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }

        return RunTask(step);
    }

    /// <summary>Runs a call for a caller that blocks its thread until it is done.</summary>
    internal static ValueTask<T> RunAsync<T>(Call<T> call) => Ambient.Current switch
    {
        Scope scope => RunStepAsync(InScope(scope, call, false, true)),
        StartScope start => start.StartAsync(call),
        CaptureScope capture => capture.Capture(call),
        HostScope chosen => RunFlowAsync(chosen.Host, call),
        _ => RunFlowAsync(AmbientHost.Get(), call),
    };

    /// <summary>Runs a call inside a strand of a flow; the engine waits for it.</summary>
    internal static ValueTask<T> RunInAsync<T>(Scope scope, Call<T> call) => RunStepAsync(InScope(scope, call, false, false));

    private static ValueTask<T> RunStepAsync<T>(StepExecution<T> step)
    {
        var pending = step.ExecuteAsync();
        return pending.IsCompletedSuccessfully ? new ValueTask<T>(step.Result) : new ValueTask<T>(AwaitAsync(step, pending));
    }

    /// <summary>What a call inside a strand is recognised by.</summary>
    internal static ContentHash Identify(Scope scope, Call call) =>
        InputRecorder.Record(call, scope.Step?.Key ?? default, 0, scope.Run.Host.Codec, scope.Run.Results).Hash;

    private static StepExecution<T> InScope<T>(Scope scope, Call<T> call, bool hasTask, bool isBlocking) => call.Definition switch
    {
        StepDefinition => new MethodStep<T>(scope, call) { HasTask = hasTask, IsBlocking = isBlocking },
        _ => new SubFlowStep<T>(scope, call) { HasTask = hasTask, IsBlocking = isBlocking },
    };

    private static ValueTask<T> RunFlowAsync<T>(FletcherHost host, Call<T> call) => call.Definition is FlowDefinition
        ? new FlowStarter<T>(host, call).RunAsync()
        : call.InvokeAsync(call.CallerToken);

    private static async Task<T> AwaitAsync<T>(StepExecution<T> step, ValueTask pending)
    {
        await pending.ConfigureAwait(false);
        return step.Result;
    }
}
