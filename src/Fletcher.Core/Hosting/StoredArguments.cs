using System.Text.Json;
using Fletcher.Engine;
using Fletcher.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Fletcher.Hosting;

/// <summary>The arguments of a flow that is called by name: a stored JSON object, and the application's services.</summary>
internal sealed class StoredArguments : FlowArguments
{
    private readonly string _flow;
    private readonly ValueCodec _codec;
    private readonly IServiceProvider? _services;
    private readonly Dictionary<string, JsonElement> _values = [];

    /// <param name="flow">The flow's name, for messages.</param>
    /// <param name="json">The object.</param>
    /// <param name="codec">How values are read.</param>
    /// <param name="services">Where services come from; null in a program that has none.</param>
    /// <exception cref="FletcherUsageException">The text is no JSON object.</exception>
    internal StoredArguments(string flow, ReadOnlyMemory<byte> json, ValueCodec codec, IServiceProvider? services)
    {
        _flow = flow;
        _codec = codec;
        _services = services;
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var property in document.RootElement.EnumerateObject())
                _values[property.Name] = property.Value.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FletcherUsageException("FLT1407", $"The parameters of flow '{flow}' are no JSON object: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override CancellationToken CancellationToken => default;

    /// <inheritdoc/>
    public override T Get<T>(string name) => _values.TryGetValue(name, out var value)
        ? Read<T>(name, value)
        : throw new FletcherUsageException(
            "FLT1408", $"Flow '{_flow}' has a parameter '{name}' ({typeof(T).Name}), and no value was given for it. Given: {Given()}.");

    /// <inheritdoc/>
    public override T GetOr<T>(string name, T defaultValue) => _values.TryGetValue(name, out var value) ? Read<T>(name, value) : defaultValue;

    /// <inheritdoc/>
    public override T Service<T>() => _services is null
        ? throw new FletcherUsageException("FLT1409", $"Flow '{_flow}' needs a '{typeof(T).Name}', and the host has no services. Make it with services.AddFletcher(…).")
        : _services.GetService<T>() ?? throw new FletcherUsageException(
            "FLT1409", $"Flow '{_flow}' needs a '{typeof(T).Name}', which is not registered. Add it to the application's services.");

    private T Read<T>(string name, JsonElement value)
    {
        try
        {
            return value.Deserialize<T>(_codec.Options)!;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new FletcherUsageException(
                "FLT1408", $"Parameter '{name}' of flow '{_flow}' must be a '{typeof(T).Name}': {e.Message}", e);
        }
    }

    private string Given() => _values.Count == 0 ? "nothing" : string.Join(", ", _values.Keys);
}
