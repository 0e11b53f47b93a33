namespace Fletcher;

/// <summary>
/// Marks the parameter of a flow that a deployment fills with the time of the firing: the time that the run is for, not when it is executed. A <see cref="DateTimeOffset"/> is the instant as local
/// time in the schedule's zone, a <see cref="DateTime"/> that local time, a <see cref="DateOnly"/> its date. Who calls the flow gives it like any other parameter.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ScheduledTimeAttribute : Attribute;
