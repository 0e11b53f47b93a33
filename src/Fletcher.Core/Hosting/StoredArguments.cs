using System.Text.Json;
using Fletcher.Engine;
using Fletcher.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Fletcher.Hosting;

/// <summary>The arguments of a flow that is called by name, or of an undo: a stored JSON object, and the application's services.</summary>
internal sealed class StoredArguments : FlowArguments
{
    private readonly string _method;
    private readonly Func<string, object?>? _given;
    private readonly bool _isForShow;
    private readonly ValueCodec _codec;
    private readonly IServiceProvider? _services;
    private readonly Dictionary<string, JsonElement> _values = [];

    /// <param name="method">What is called, for messages: "flow 'X'".</param>
    /// <param name="json">The object.</param>
    /// <param name="codec">How values are read.</param>
    /// <param name="services">Where services come from; null in a program that has none.</param>
    /// <param name="given">What is at hand under a name and need not come from the services; null for nothing.</param>
    /// <exception cref="FletcherUsageException">The text is no JSON object.</exception>
    internal StoredArguments(
        string method, ReadOnlyMemory<byte> json, ValueCodec codec, IServiceProvider? services, Func<string, object?>? given = null)
    {
        _method = method;
        _given = given;
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
            throw new FletcherUsageException("FLT1407", $"The parameters of {method} are no JSON object: {e.Message}", e);
        }
    }

    private StoredArguments(StoredArguments other, IServiceProvider? services, bool isForShow)
    {
        _isForShow = isForShow;
        (_method, _codec, _values, _given) = (other._method, other._codec, other._values, other._given);
        _services = services;
    }

    /// <inheritdoc/>
    public override CancellationToken CancellationToken => default;

    /// <inheritdoc/>
    public override T Get<T>(string name) => _values.TryGetValue(name, out var value)
        ? Read<T>(name, value)
        : throw new FletcherUsageException(
            "FLT1408", $"The {_method} has a parameter '{name}' ({typeof(T).Name}), and no value was given for it. Given: {Given()}.");

    /// <inheritdoc/>
    public override T GetOr<T>(string name, T defaultValue) => _values.TryGetValue(name, out var value) ? Read<T>(name, value) : defaultValue;

    /// <inheritdoc/>
    public override T Service<T>() => _isForShow ? default!
        : _services is null
        ? throw new FletcherUsageException("FLT1409", $"The {_method} needs a '{typeof(T).Name}', and the host has no services. Make it with services.AddFletcher(…).")
        : _services.GetService<T>() ?? throw new FletcherUsageException(
            "FLT1409", $"The {_method} needs a '{typeof(T).Name}', which is not registered. Add it to the application's services.");

    /// <inheritdoc/>
    public override T Service<T>(string name) => _given?.Invoke(name) is T given ? given : Service<T>();

    /// <summary>The same arguments with services, for a call that is really made.</summary>
    internal StoredArguments With(IServiceProvider? services) => new(this, services, false);

    /// <summary>The same arguments without services, for a call that is looked at and never made.</summary>
    internal StoredArguments ForShow() => new(this, null, true);

    private T Read<T>(string name, JsonElement value)
    {
        try
        {
            return _codec.Read<T>(value);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new FletcherUsageException(
                "FLT1408", $"Parameter '{name}' of the {_method} must be a '{typeof(T).Name}': {e.Message}", e);
        }
    }

    private string Given() => _values.Count == 0 ? "nothing" : string.Join(", ", _values.Keys);
}
