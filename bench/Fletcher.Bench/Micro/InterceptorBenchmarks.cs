using BenchmarkDotNet.Attributes;

namespace Fletcher.Bench.Micro;

/// <summary>A step called outside a flow, compared to the same method without the attribute.</summary>
[MemoryDiagnoser]
public class InterceptorBenchmarks
{
    private int _value;

    /// <summary>The method itself.</summary>
    [Benchmark(Baseline = true)]
    public int Direct() => AddPlain(++_value);

    /// <summary>The same through the interceptor.</summary>
    [Benchmark]
    public int Intercepted() => Add(++_value);

    // Not inlined on either side: what is measured is a call, and not its absence.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static int AddPlain(int value) => value + 1;

    [Step]
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    internal static int Add(int value) => value + 1;
}
