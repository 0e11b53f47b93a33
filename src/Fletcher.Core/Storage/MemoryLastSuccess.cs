using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>The newest success of a step of a flow, and the newest before it in another flow run.</summary>
internal sealed class MemoryLastSuccess(StepRunRecord first)
{
    public StepRunRecord Newest { get; private set; } = first;

    public StepRunRecord? PreviousOfOtherRun { get; private set; }

    public void Note(StepRunRecord stepRun)
    {
        if (Newest.RunId != stepRun.RunId)
            PreviousOfOtherRun = Newest;
        Newest = stepRun;
    }
}
