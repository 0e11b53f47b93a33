using Fletcher.Bench.Measuring;

namespace Fletcher.Bench.Reporting;

/// <summary>A line of the table.</summary>
/// <param name="What">The workload, and which part of it.</param>
/// <param name="Unit">Of both sides.</param>
/// <param name="Measured">With Fletcher.</param>
/// <param name="BaselineName">What it is compared to; null when the target is a number by itself, or there is none.</param>
/// <param name="Baseline">Without Fletcher.</param>
/// <param name="Bar">The target; null when there is none.</param>
internal sealed record Row(string What, string Unit, Samples Measured, string? BaselineName, Samples? Baseline, Bar? Bar)
{
    internal double? Ratio => Baseline is null ? null : Measured.Median / Baseline.Median;

    internal bool? IsMet => Bar?.IsMet(Ratio ?? Measured.Median);
}

/// <summary>What the ratio to the baseline, or else the measured value, has to be.</summary>
internal sealed record Bar(double Limit, bool AtLeast = false)
{
    internal bool IsMet(double value) => AtLeast ? value >= Limit : value <= Limit;
}
