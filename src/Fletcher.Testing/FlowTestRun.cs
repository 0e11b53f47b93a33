using Fletcher.Model;

namespace Fletcher.Testing;

/// <summary>What became of a flow that a test called: its run as the store has it, and those inside it.</summary>
public class FlowTestRun
{
    private readonly ReadRun _read;

    private protected FlowTestRun(ReadRun read, Exception? error) => (_read, Error) = (read, error);

    /// <summary>The run.</summary>
    public RunId Id => _read.Id;

    /// <summary>Its record; null when its process died before any of it was committed.</summary>
    public FlowRunRecord? Record => _read.Record;

    /// <summary>Its state; <see cref="FlowRunState.Running"/> when its process died.</summary>
    /// <exception cref="FlowAssertException">The store has no such run.</exception>
    public FlowRunState State => (Record ?? throw new FlowAssertException($"The store has no run {Id}: nothing of it was committed.")).State;

    /// <summary>What the call of the flow threw; null when it returned. <see cref="ProcessDiedException"/> when its process died.</summary>
    public Exception? Error { get; }

    /// <summary>Whether its process died under it.</summary>
    public bool HasCrashed => Error is ProcessDiedException;

    /// <summary>Its step runs and those of the flows that it called, in the order of their first starts.</summary>
    public IReadOnlyList<FlowTestStep> Steps => _read.Steps;

    /// <summary>The changes of state that need a word, oldest first; see <see cref="LedgerEntry"/>.</summary>
    public IReadOnlyList<LedgerEntry> Ledger => _read.Ledger;

    /// <summary>What flow and steps wrote to loggers, oldest first; the last 10,000 lines.</summary>
    public IReadOnlyList<LogLine> Logs => _read.Logs;

    internal string? ResultText => _read.Result;

    /// <summary>The one step run with a name: that of the method, the stable one, or that of the step run.</summary>
    /// <exception cref="FlowAssertException">There is none, or more than one; <see cref="StepsOf"/> gives all.</exception>
    public FlowTestStep Step(string name)
    {
        var found = StepsOf(name);
        return found.Count == 1 ? found[0] : throw new FlowAssertException(
            $"Expected one step run '{name}', but there {(found.Count == 0 ? "is none" : $"are {found.Count}")}.\n{Table}");
    }

    /// <summary>All step runs with a name: that of the method, the stable one, or that of the step run. May be none.</summary>
    public IReadOnlyList<FlowTestStep> StepsOf(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return [.. Steps.Where(step => StepMatch.IsNamed(name, step.Name, step.Record.Name))];
    }

    /// <summary>Asserts that the run completed.</summary>
    /// <exception cref="FlowAssertException">It did not.</exception>
    public FlowTestRun ShouldComplete() => Error is null && Record?.State == FlowRunState.Completed
        ? this
        : throw Wrong("Expected the flow to complete");

    /// <summary>Asserts that the flow failed with an exception of this type.</summary>
    /// <returns>The exception.</returns>
    /// <exception cref="FlowAssertException">It did not fail, or with another one.</exception>
    public TException ShouldFail<TException>()
        where TException : Exception =>
        Error as TException ?? throw Wrong($"Expected the flow to fail with {typeof(TException).Name}");

    /// <summary>Asserts that the process died under the run.</summary>
    /// <exception cref="FlowAssertException">It did not: the point where it should have was not reached.</exception>
    public FlowTestRun ShouldHaveCrashed() => HasCrashed ? this : throw Wrong("Expected the process to die under the flow");

    /// <summary>Asserts that no step with this name was called.</summary>
    /// <exception cref="FlowAssertException">One was.</exception>
    public FlowTestRun ShouldNotHaveCalled(string step) => StepsOf(step).Count == 0
        ? this
        : throw new FlowAssertException($"Expected that no step '{step}' is called, but there is one.\n{Table}");

    /// <summary>The run's state, and its steps as a table.</summary>
    public override string ToString() => $"{Record?.Flow} {Record?.State}\n{Table}";

    private string Table => StepTable.Of(Steps);

    private FlowAssertException Wrong(string expected)
    {
        var actual = Error is null ? $"it ended {Record?.State}" : $"it threw {Error.GetType().Name}: {Error.Message}";
        return new FlowAssertException($"{expected}, but {actual}\n{Table}", Error);
    }
}
