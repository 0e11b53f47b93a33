using BenchmarkDotNet.Attributes;
using Fletcher.Hosting;

namespace Fletcher.Bench.Micro;

/// <summary>A step int → int inside a flow whose store is memory, all told: identity, record, result.</summary>
[MemoryDiagnoser]
public class MemoryStepBenchmarks : IAsyncDisposable
{
    private const int Steps = 10_000;

    private FletcherHost? _host;
    private int _run;

    /// <summary>A host for each iteration: what is kept in memory does not pile up.</summary>
    [IterationSetup]
    public void Open() => _host = new FletcherHost(new FletcherOptions().UseMemory());

    /// <summary>Closes the host.</summary>
    [IterationCleanup]
    public void Close() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>One after the other.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public Task Step() => _host!.RunAsync(() => Sequence(++_run));

    /// <summary>Closes the host.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    [Flow]
    internal static async Task Sequence(int run)
    {
        for (var i = 0; i < Steps; i++)
            await Next(i).ConfigureAwait(false);
    }

    [Step]
    internal static Task<int> Next(int value) => Task.FromResult(value);
}
