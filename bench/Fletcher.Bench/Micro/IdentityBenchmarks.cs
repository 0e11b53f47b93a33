using BenchmarkDotNet.Attributes;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Bench.Micro;

/// <summary>What it takes to recognise a call by its content.</summary>
[MemoryDiagnoser]
public class IdentityBenchmarks
{
    private static readonly StepDefinition Definition = new() { Id = "Bench.Step" };
    private static readonly CallSite Site = new(1, "", 1);

    private readonly ValueCodec _codec = new(ValueCodec.CreateOptions());
    private readonly Call _number = new InputCall<int>(Definition, Site, 42);
    private readonly Call _record = new InputCall<Order>(Definition, Site, new Order(7, "ATL", new DateOnly(2026, 10, 1), 12.5m));
    private readonly byte[] _bytes = new byte[1024];

    /// <summary>A call with an int.</summary>
    [Benchmark]
    public object? Number() => InputRecorder.Record(_number, default, 0, _codec, null).Inputs;

    /// <summary>A call with a record of four members.</summary>
    [Benchmark]
    public object? Record() => InputRecorder.Record(_record, default, 0, _codec, null).Inputs;

    /// <summary>The hash of 1 KiB alone.</summary>
    [Benchmark]
    public ContentHash Hash() => ContentHash.Of(_bytes);

    private sealed record Order(int Id, string Airport, DateOnly Day, decimal Price);

    private sealed class InputCall<T>(Definition definition, CallSite site, T input) : Call(definition, site)
    {
        protected internal override void WriteInputs(InputWriter inputs) => inputs.Add("input", input);
    }
}
