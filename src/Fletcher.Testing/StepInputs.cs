using Fletcher.Runtime;

namespace Fletcher.Testing;

/// <summary>What a step is called with, to choose among its calls.</summary>
public sealed class StepInputs
{
    private readonly Writer _values = new();

    internal StepInputs(Call call) => call.WriteInputs(_values);

    /// <summary>The argument for a parameter.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="name">The parameter's name; <c>key</c> for the key of a <c>Step.Run</c>.</param>
    /// <exception cref="ArgumentException">The step has no such input, or it has another type. Cancellation tokens and services are no inputs.</exception>
    public T Get<T>(string name)
    {
        if (!_values.ByName.TryGetValue(name, out var value))
        {
            throw new ArgumentException(
                $"The step has no input '{name}'. It has: {(_values.ByName.Count == 0 ? "none" : string.Join(", ", _values.ByName.Keys))}.", nameof(name));
        }

        return value is T or null
            ? (T)value!
            : throw new ArgumentException($"The input '{name}' is a {value.GetType()}, not a {typeof(T)}.", nameof(name));
    }

    private sealed class Writer : InputWriter
    {
        internal Dictionary<string, object?> ByName { get; } = new(StringComparer.Ordinal);

        public override void Add<T>(string name, T value) => ByName[name] = value;
    }
}
