using Fletcher.Model;

namespace Fletcher.Testing;

/// <summary>One step run of a tested flow run, or of a flow run inside it, as the store has it.</summary>
public sealed class FlowTestStep
{
    private readonly IReadOnlyList<FlowTestStep> _all;
    private readonly string? _result;

    internal FlowTestStep(
        StepRunRecord record, string flow, IReadOnlyList<StepEvent> events, string? result, IReadOnlyList<FlowTestStep> all)
    {
        Record = record;
        Flow = flow;
        Runs = events.Count(happened => happened.Kind == StepEventKind.Began);
        IsReused = events.Any(happened => happened.Kind == StepEventKind.Reused);
        _result = result;
        _all = all;
    }

    /// <summary>Its record.</summary>
    public StepRunRecord Record { get; }

    /// <summary>The flow that called it.</summary>
    public string Flow { get; }

    /// <summary>The step's stable name, such as <c>Billing.SendInvoice</c>.</summary>
    public string Name => Record.Step.Name;

    /// <summary>The name of this step run, such as <c>mail JFK</c>; the stable name when it has none.</summary>
    public string DisplayName => Record.Name ?? Name;

    /// <summary>Where it stands.</summary>
    public StepRunState State => Record.State;

    /// <summary>How many attempts were begun, over all executions of the flow.</summary>
    public int Attempts => Record.Attempt;

    /// <summary>How often its code ran during the tested call. An attempt that an injected fault ended did not run it.</summary>
    public int Runs { get; }

    /// <summary>Whether its stored result answered during the tested call, so that its code did not run.</summary>
    public bool IsReused { get; }

    /// <summary>Why it failed, or why its last attempt did; null otherwise.</summary>
    public ErrorRecord? Error => Record.Error;

    /// <summary>What it returned, as JSON; null while it is open, and when it returns nothing.</summary>
    public string? ResultJson => _result;

    /// <summary>Asserts its state.</summary>
    /// <exception cref="FlowAssertException">It is in another state.</exception>
    public FlowTestStep ShouldBe(StepRunState state) => Check(State == state, $"to be {state}", $"is {State}");

    /// <summary>Asserts how often its code ran during the tested call.</summary>
    /// <exception cref="FlowAssertException">It ran more or less often.</exception>
    public FlowTestStep ShouldHaveRun(int times = 1) => Check(Runs == times, $"to have run {Times(times)}", $"ran {Times(Runs)}");

    /// <summary>Asserts that its code did not run during the tested call.</summary>
    /// <exception cref="FlowAssertException">It ran.</exception>
    public FlowTestStep ShouldNotHaveRun() => Check(Runs == 0, "not to have run", $"ran {Times(Runs)}");

    /// <summary>Asserts that its stored result answered during the tested call, and its code did not run.</summary>
    /// <exception cref="FlowAssertException">It ran, or was not reached.</exception>
    public FlowTestStep ShouldBeReused() => Check(
        IsReused && Runs == 0, "to be answered from memory", Runs > 0 ? $"ran {Times(Runs)}" : "was not reached");

    /// <summary>Asserts how many attempts were begun, over all executions of the flow.</summary>
    /// <exception cref="FlowAssertException">There were more or fewer.</exception>
    public FlowTestStep ShouldHaveAttempts(int attempts) => Check(
        Attempts == attempts, $"to have {attempts} attempts", $"has {Attempts}");

    /// <summary><c>mail JFK: Completed, 1 attempt</c>.</summary>
    public override string ToString() => $"{DisplayName}: {State}, {Attempts} {(Attempts == 1 ? "attempt" : "attempts")}";

    private FlowTestStep Check(bool holds, string expected, string actual) => holds
        ? this
        : throw new FlowAssertException($"Expected step '{DisplayName}' {expected}, but it {actual}.\n{StepTable.Of(_all)}");

    private static string Times(int times) => times switch
    {
        1 => "once",
        2 => "twice",
        _ => $"{times} times",
    };
}
