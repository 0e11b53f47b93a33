namespace Fletcher.Testing;

/// <summary>What becomes of an at-most-once step that the crash leaves in doubt.</summary>
public enum UnknownSteps
{
    /// <summary>
    /// Before the flow goes on, it is said what happened, as by a person who went and looked: whether the step's code had run. If it
    /// had, the step counts as completed with the result that it had undisturbed; if it had not, it runs. The flow must then
    /// end as undisturbed. The default.
    /// </summary>
    Resolved = 0,

    /// <summary>
    /// Nobody says anything. The step is Unknown, and the flow gets a <see cref="StepUnknownException"/>. It may handle it or fail, so its
    /// result and effects are not compared; checked is that no at-most-once step began twice.
    /// </summary>
    Left = 1,
}

/// <summary>How <c>FlowTest.SurvivesCrashAtEveryPoint</c> checks.</summary>
public sealed record CrashCheckOptions
{
    /// <summary>Sets the world (files, lists, databases) back to its beginning. Called before each run of the flow from its start. Default: nothing.</summary>
    public Action? Arrange { get; init; }

    /// <summary>
    /// Says what the flow has done to the world: text, or a value that is compared as JSON. Read after each run. What parallel work does in
    /// any order should be sorted. Default: none; then the results of the steps are compared instead.
    /// </summary>
    public Func<object?>? Effects { get; init; }

    /// <summary>How an at-most-once step in doubt is dealt with. Default: <see cref="UnknownSteps.Resolved"/>.</summary>
    public UnknownSteps UnknownSteps { get; init; }

    /// <summary>
    /// How many points are tried at the most. Default 1,000. A flow with more of them dies at so many, spread evenly, and
    /// <see cref="CrashCheckResult.IsComplete"/> is false.
    /// </summary>
    public int MaxPoints { get; init; } = 1000;

    /// <summary>Sets the hosts up. Default: runs in memory.</summary>
    public Action<FlowTestOptions>? Host { get; init; }
}
