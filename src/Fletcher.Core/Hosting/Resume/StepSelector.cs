using System.Globalization;

namespace Fletcher.Hosting;

/// <summary>
/// Names one step run of a flow run: by its sequence, or by a name that only it has: the step's stable name (<c>Billing.Send</c>), its method
/// (<c>Send</c>), or the step run's own name. An <see cref="int"/> and a <see cref="string"/> can be given for it.
/// </summary>
public readonly record struct StepSelector
{
    private readonly int _sequence;
    private readonly string? _name;

    private StepSelector(int sequence, string? name)
    {
        _sequence = sequence;
        _name = name;
    }

    internal int? Sequence => _name is null ? _sequence : null;

    internal string? Name => _name;

    /// <summary>The step run with this sequence.</summary>
    public static implicit operator StepSelector(int sequence) => FromInt32(sequence);

    /// <summary>The step run with this name.</summary>
    public static implicit operator StepSelector(string name) => FromString(name);

    /// <summary>The step run with this sequence.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public static StepSelector FromInt32(int sequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        return new StepSelector(sequence, null);
    }

    /// <summary>The step run with this name.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public static StepSelector FromString(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new StepSelector(0, name);
    }

    /// <summary>The sequence or the name.</summary>
    public override string ToString() => _name ?? _sequence.ToString(CultureInfo.InvariantCulture);
}
