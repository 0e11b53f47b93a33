using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite.TestProcess;

/// <summary>
/// Takes places under a limit. Whoever has one also takes one of as many locks of the operating system as there are slots: if none is free, more have started than may.
/// </summary>
public static class LimitTurns
{
    public const string Limit = "smtp";

    /// <summary>Says the run, then each number of a turn that was taken; ends with 1 when there were more than slots.</summary>
    public static async Task TakeAsync(SqliteStore store, string folder, int slots, int turns)
    {
        var run = RunId.New(TimeProvider.System);
        var batch = new WriteBatch();
        batch.FlowRuns.Add(new FlowRunRecord
        {
            Id = run,
            Flow = "Test.Turns",
            State = FlowRunState.Running,
            HostId = Guid.CreateVersion7(),
            Fence = 1,
            Parameters = "{}"u8.ToArray(),
            ParametersHash = ContentHash.Of("{}"u8),
            RootRunId = run,
        });
        await store.WriteAsync(batch, CancellationToken.None).ConfigureAwait(false);
        await Console.Out.WriteLineAsync(run.ToString()).ConfigureAwait(false);
        for (var turn = 1; turn <= turns; turn++)
        {
            var place = new LimitPlace { Id = Guid.CreateVersion7(), Limit = Limit, RootRunId = run, Fence = 1, RunId = run, Flow = "Test.Turns", Step = "S" };
            var state = (await store.Limits.ExchangeAsync([], [place], CancellationToken.None).ConfigureAwait(false)).Entered[0].State;
            while (state == LimitPlaceState.Waiting)
            {
                await Task.Delay(1).ConfigureAwait(false);
                state = (await store.Limits.LookAsync([place.Id], CancellationToken.None).ConfigureAwait(false)).Changed is [var changed] ? changed.State : state;
            }

            if (state != LimitPlaceState.Granted)
                throw new InvalidOperationException($"The place is {state}.");
            using (TakeLock(folder, slots))
            {
                await Console.Out.WriteLineAsync(turn.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
                await Task.Yield();
            }

            await store.Limits.ExchangeAsync([new LimitLeave(place.Id)], [], CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static FileStream TakeLock(string folder, int slots)
    {
        for (var slot = 0; slot < slots; slot++)
        {
            try
            {
                return new FileStream(Path.Combine(folder, $"slot-{slot}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                // Somebody else has it.
            }
        }

        throw new InvalidOperationException($"More than {slots} have started.");
    }
}
