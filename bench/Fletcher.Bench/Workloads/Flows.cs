using System.Diagnostics;

namespace Fletcher.Bench.Workloads;

/// <summary>The flows that are measured. Each run is given a number of its own, so that none continues another.</summary>
internal static class Flows
{
    [Flow]
    internal static async Task<int> Light(int run, int steps)
    {
        var sum = 0;
        for (var i = 0; i < steps; i++)
            sum += await Fibonacci(10).ConfigureAwait(false);
        return sum;
    }

    [Flow]
    internal static async Task<int> Three(int run)
    {
        var value = await NoOp(run).ConfigureAwait(false);
        value = await NoOp(value).ConfigureAwait(false);
        return await NoOp(value).ConfigureAwait(false);
    }

    [Flow]
    internal static async Task Sequence(int run, int steps)
    {
        for (var i = 0; i < steps; i++)
            await NoOp(i).ConfigureAwait(false);
    }

    [Flow]
    internal static async Task ReadingSequence(int run, int steps)
    {
        for (var i = 0; i < steps; i++)
            await Read(i).ConfigureAwait(false);
    }

    [Flow]
    internal static async Task<int> Fan(int run, int steps)
    {
        var results = await Flow.Map(Enumerable.Range(0, steps), NoOp).ConfigureAwait(false);
        return results.Count;
    }

    [Flow]
    internal static async Task<int> ReadingFan(int run, int steps)
    {
        var results = await Flow.Map(Enumerable.Range(0, steps), Read).ConfigureAwait(false);
        return results.Count;
    }

    /// <summary>Many steps, and then the crash, where <paramref name="gate"/> says so.</summary>
    [Flow]
    internal static async Task Resumed(int run, int steps, [NotInput] Gate gate)
    {
        for (var i = 0; i < steps; i++)
            await Read(i).ConfigureAwait(false);
        await gate.PassAsync().ConfigureAwait(false);
    }

    /// <summary>When its first step was at its first line.</summary>
    [Flow]
    internal static async Task<long> Arrive(int run) => await Timestamp().ConfigureAwait(false);

    /// <summary>Notes how long it took from when it was started until its first step was at its first line.</summary>
    [Flow]
    internal static async Task ArriveFrom(long sent) => await NoteArrival(sent).ConfigureAwait(false);

    [Step]
    internal static Task NoteArrival(long sent)
    {
        Arrivals.Note(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        return Task.CompletedTask;
    }

    [Step]
    internal static Task<long> Timestamp() => Task.FromResult(Stopwatch.GetTimestamp());

    [Step]
    internal static Task<int> NoOp(int value) => Task.FromResult(value);

    [Step(ReadOnly = true)]
    internal static Task<int> Read(int value) => Task.FromResult(value);

    [Step]
    internal static Task<int> Fibonacci(int n) => Task.FromResult(Naive(n));

    internal static int Naive(int n) => n < 2 ? n : Naive(n - 1) + Naive(n - 2);
}
