using System.Runtime.ExceptionServices;
using Fletcher.Engine;
using Fletcher.Runtime;

namespace Fletcher.Testing;

/// <summary>Counts what runs in a process, makes go wrong what the test wants, and stops its code when it is dead.</summary>
internal sealed class ProcessFaultPoints(TestProcess process) : FaultPoints
{
    private Activity Activity => process.Time.Activity;

    internal override async ValueTask<Departure> RunAsync(FlowExecution run, Func<ValueTask<Departure>> execute)
    {
        if (process.IsDead)
            throw Dead();
        var strand = Activity.Enter($"flow '{run.Definition.Id}'", isApart: run.Record.RootRunId == run.Id);
        try
        {
            return await execute().ConfigureAwait(false);
        }
        finally
        {
            Activity.Leave(strand);
        }
    }

    internal override async ValueTask StepAsync(StepExecution step, Func<ValueTask> execute)
    {
        var strand = Activity.Enter($"step '{step.Id}'", step.IsBlocking);
        try
        {
            await StopIfDeadAsync(strand).ConfigureAwait(false);
            try
            {
                await execute().ConfigureAwait(false);
            }
            finally
            {
                await StopIfDeadAsync(strand).ConfigureAwait(false);
            }
        }
        finally
        {
            Activity.Leave(strand);
        }
    }

    internal override async ValueTask BeforeAttemptAsync(StepExecution step)
    {
        process.Faults.See(step);
        if (Strike(step, StepFaultKind.CrashesBefore) is { } crash)
            Die($"before {Attempt(step)} began ({crash.Handle})");
        await StopIfDeadAsync(Activity.Current!).ConfigureAwait(false);
    }

    internal override async ValueTask AttemptAsync(
        StepExecution step, Func<CancellationToken, ValueTask> body, CancellationToken cancellationToken)
    {
        await StopIfDeadAsync(Activity.Current!).ConfigureAwait(false);
        switch (Strike(step, StepFaultKind.Fails, StepFaultKind.TimesOut, StepFaultKind.IsCancelled))
        {
            case { Kind: StepFaultKind.Fails } fault:
                throw fault.Error!();
            case { Kind: StepFaultKind.TimesOut }:
                throw new StepTimeoutException($"The test lets the time of {Attempt(step)} be up.");
            case { Kind: StepFaultKind.IsCancelled }:
                step.Run.Cancel("test", "the test asked it to stop");
                await StoppedAsync(step.Caller.Token).ConfigureAwait(false);
                break;
        }

        Tell(StepEventKind.Began, step);
        Exception? error = null;
        try
        {
            await body(cancellationToken).ConfigureAwait(false);
            Tell(StepEventKind.Returned, step);
        }
        catch (Exception e)
        {
            error = e;
        }

        if (!process.IsDead)
            DieInside(step);
        await StopIfDeadAsync(Activity.Current!).ConfigureAwait(false);
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
    }

    private static async Task StoppedAsync(CancellationToken token)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = token.UnsafeRegister(static source => ((TaskCompletionSource)source!).SetResult(), stopped);
        await stopped.Task.ConfigureAwait(false);
    }

    private void DieInside(StepExecution step)
    {
        if (Strike(step, StepFaultKind.CrashesInside) is { } crash)
            Die($"inside {Attempt(step)}: its code had run, and nothing said so ({crash.Handle})");
        else if (process.Crash.AtStep(step.Call.Name() ?? step.Id, step.Sequence))
            process.Die();
    }

    private void Die(string where)
    {
        process.Crash.Say(where);
        process.Die();
    }

    private StepFault? Strike(StepExecution step, params ReadOnlySpan<StepFaultKind> kinds) =>
        process.Faults.Strike(step.Run.Id, step.Sequence, step.Attempt, kinds);

    private void Tell(StepEventKind kind, StepExecution step) => process.Events.Add(new StepEvent(
        kind, step.Run.Id, step.Sequence, step.Run.Definition.Id, step.Id, step.Key, step.Attempt,
        step.Call.Definition is StepDefinition { Delivery: Delivery.AtMostOnce }));

    private async ValueTask StopIfDeadAsync(Strand strand)
    {
        if (!process.IsDead)
            return;
        if (strand.IsBlocking)
            throw Dead();
        Activity.Hang();

        // Nothing else refers to it, so what hangs is collected.
        await new TaskCompletionSource().Task.ConfigureAwait(false);
    }

    private static string Attempt(StepExecution step) => $"attempt {step.Attempt} of '{step.Call.Name() ?? step.Id}'";

    private static RunLostException Dead() => new("the simulated process is dead");
}
