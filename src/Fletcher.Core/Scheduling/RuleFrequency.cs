namespace Fletcher.Scheduling;

/// <summary>FREQ, shortest first.</summary>
internal enum RuleFrequency
{
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}
