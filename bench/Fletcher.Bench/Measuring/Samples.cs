namespace Fletcher.Bench.Measuring;

/// <summary>What was measured, once a repeat.</summary>
internal sealed class Samples
{
    private readonly double[] _sorted;

    internal Samples(IEnumerable<double> values)
    {
        Values = [.. values];
        _sorted = [.. Values.Order()];
    }

    /// <summary>In the order in which they were measured.</summary>
    internal IReadOnlyList<double> Values { get; }

    internal double Median => Percentile(50);

    internal double Least => _sorted[0];

    internal double Most => _sorted[^1];

    /// <summary>The value that this part of all values do not exceed; between two values it is interpolated.</summary>
    internal double Percentile(double percent)
    {
        var place = percent / 100 * (_sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, _sorted.Length - 1);
        return _sorted[below] + ((place - below) * (_sorted[above] - _sorted[below]));
    }

    internal static Samples Of(double value) => new([value]);
}
