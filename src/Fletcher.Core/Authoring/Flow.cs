using Fletcher.Engine;
using Fletcher.Hosting;
using Fletcher.Runtime;

namespace Fletcher;

/// <summary>
/// What a flow's body needs and C# does not have: values that stay the same when the body is executed again, fan-outs,
/// outcomes, runs of their own, and things to look at.
/// </summary>
public static partial class Flow
{
    private static readonly StepDefinition NowValue = new() { Id = "Flow.Now", ReadOnly = true };
    private static readonly StepDefinition GuidValue = new() { Id = "Flow.NewGuid", ReadOnly = true };
    private static readonly StepDefinition SeedValue = new() { Id = "Flow.Random", ReadOnly = true };

    /// <summary>The time at which this line was first executed, the same in every later execution of the run (UTC). Outside a flow: the time.</summary>
    public static DateTimeOffset Now => RememberedValue<DateTimeOffset>.Get(NowValue, static () => Clock.GetUtcNow());

    /// <summary>Random numbers that are the same in every execution of the run; each use of the property gives a new sequence.</summary>
    public static Random Random => new(RememberedValue<int>.Get(SeedValue, static () => System.Random.Shared.Next()));

    /// <summary>What the calling code runs inside of.</summary>
    /// <exception cref="FletcherUsageException">The calling code does not run inside a flow; <see cref="IsRunning"/> tells before.</exception>
    public static FlowContext Current => Ambient.Current is Scope scope
        ? new FlowContext(scope)
        : throw new FletcherUsageException("FLT1208", "Flow.Current was read outside a flow. Ask Flow.IsRunning first, or call the code from a flow.");

    /// <summary>Whether the calling code runs inside a flow.</summary>
    public static bool IsRunning => Ambient.Current is Scope;

    /// <summary>A new id that is the same in every execution of the run. Outside a flow: a new id.</summary>
    public static Guid NewGuid() => RememberedValue<Guid>.Get(GuidValue, static () => Guid.CreateVersion7(Clock.GetUtcNow()));

    private static TimeProvider Clock => Ambient.Current is Scope scope ? scope.Run.Host.Time : TimeProvider.System;
}
