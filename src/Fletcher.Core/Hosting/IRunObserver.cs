using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Hosting;

/// <summary>
/// Is told what happens in the runs of this host, as it happens and before it is committed. Calls come from many threads,
/// in order for one step run; they must be quick and must not throw.
/// </summary>
public interface IRunObserver
{
    /// <summary>
    /// A flow run was created, began, waits, was resumed or ended; or it had completed before, and its stored result answers
    /// a call that names the same <c>Once</c> key.
    /// </summary>
    void FlowRunChanged(FlowRunRecord run, FlowDefinition flow);

    /// <summary>A step run began, is retried, was answered from memory or ended. It may be told of the end only.</summary>
    void StepRunChanged(FlowRunRecord run, StepRunRecord step);

    /// <summary>
    /// A fan-out whose size is known begins, so that progress can be told. It is told before its first step run.
    /// </summary>
    /// <param name="run">The flow run.</param>
    /// <param name="parentSequence">The sequence of the step run around it; 0 in the flow's body.</param>
    /// <param name="step">The stable name of the step that runs for each item; null when a lambda does.</param>
    /// <param name="total">How many items there are.</param>
    void FanOutBegan(FlowRunRecord run, int parentSequence, string? step, long total)
    {
    }

    /// <summary>A step or flow wrote a line.</summary>
    void LogWritten(LogLine line);

    /// <summary>A run left an artifact, or reported progress.</summary>
    void ArtifactWritten(ArtifactRecord artifact);

    /// <summary>The engine has something to say to the person who watches, such as that it waits for another process.</summary>
    void Note(string message)
    {
    }
}
