using System.Text.Json;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Diagnosis;

/// <summary>Explains a run that failed, from what the store knows of it.</summary>
public static class Flashlight
{
    private const int MaxLogLines = 20;
    private const int MaxHops = 64;

    private const string ToldAgain =
        "This step failed in an earlier execution. It must run at most once, so it was not tried again. Make sure that it took no "
        + "effect; the command below tries it again.";

    // An advisor may look at a database or a service; nobody wants to wait longer for the explanation of a failure.
    private static readonly TimeSpan AdvisorLimit = TimeSpan.FromSeconds(5);

    /// <summary>Explains a run.</summary>
    /// <param name="store">Where the run is; everything about it must be committed.</param>
    /// <param name="run">The run.</param>
    /// <param name="plan">The plan of its flow, by which steps that did not run are named; null when it is not known.</param>
    /// <param name="advisors">Asked in their order; when none of them knows the failure, the built-in catalogue is.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The explanation; null when there is no such run.</returns>
    public static ValueTask<Explanation?> ExplainAsync(
        IRunStore store, RunId run, FlowPlan? plan, IReadOnlyList<IFailureAdvisor> advisors,
        CancellationToken cancellationToken) =>
        ExplainAsync(store, run, (flowRun, _) => flowRun == run ? plan : null, advisors, cancellationToken);

    /// <summary>Explains a run whose sub-flows' plans are known too.</summary>
    /// <param name="store">Where the run is; everything about it must be committed.</param>
    /// <param name="run">The run.</param>
    /// <param name="planOf">Gives the plan of a run's flow, from the run and the flow's stable name; null when it is not known.</param>
    /// <param name="advisors">Asked in their order; when none of them knows the failure, the built-in catalogue is.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The explanation; null when there is no such run.</returns>
    public static async ValueTask<Explanation?> ExplainAsync(
        IRunStore store, RunId run, Func<RunId, string, FlowPlan?> planOf, IReadOnlyList<IFailureAdvisor> advisors,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(planOf);
        ArgumentNullException.ThrowIfNull(advisors);

        if (await store.GetFlowRunAsync(run, cancellationToken).ConfigureAwait(false) is not { } asked)
            return null;

        // The runs from the one with the cause up to the outermost one, and which step run in each leads to the cause.
        var family = await ReadFamilyAsync(store, asked, cancellationToken).ConfigureAwait(false);
        var (cause, causeSequence) = family[0];
        var causeSurvey = await SurveyAsync(store, family, 0, cancellationToken).ConfigureAwait(false);
        var step = causeSurvey.Focus;
        var error = step?.Error ?? asked.Error;
        var frame = error is null ? null : StackFrames.FindOwn(error);

        var notRun = new List<StepNotRun>();
        var failures = new List<OtherFailure>();
        var askedSurvey = causeSurvey;
        for (var i = 0; i < family.Count; i++)
        {
            var survey = i == 0 ? causeSurvey : await SurveyAsync(store, family, i, cancellationToken).ConfigureAwait(false);
            var (flowRun, sequence) = family[i];
            failures.AddRange(survey.Failures);
            notRun.AddRange(survey.NotRun.Select(static name => new StepNotRun(name, true)));
            if (flowRun.State != FlowRunState.Completed && planOf(flowRun.Id, flowRun.Flow) is { } plan)
                notRun.AddRange(PlanReader.After(
                    plan, survey.FocusInBody?.Step.Name, sequence == 0 ? frame?.Line ?? 0 : 0, survey.HasStarted));
            if (flowRun.Id != run)
                continue;
            askedSurvey = survey;
            break;
        }

        return new Explanation
        {
            Run = asked,
            CauseRun = cause,
            CauseStep = step,
            Error = error,
            Path = [.. family.AsEnumerable().Reverse().Select(static member => member.Run.Flow)],
            Frame = frame,
            Excerpt = SourceExcerpt.Read(frame?.File, frame?.Line ?? 0),
            Inputs = await ReadInputsAsync(store, cause, step, cancellationToken).ConfigureAwait(false),
            Log = await store.GetLogsAsync(cause.Id, causeSequence, MaxLogLines, cancellationToken).ConfigureAwait(false),
            LastSuccess = step is null
                ? null
                : await ChangeFinder.FindAsync(store, cause, step, cancellationToken).ConfigureAwait(false),
            SucceededBeside = step is null ? 0 : causeSurvey.Succeeded(step.Step.Name),
            NotRun = [.. notRun.DistinctBy(static n => n.Step)],
            FailedWithIt = [.. family.Skip(1).Select(static member => member.Run).Where(static r => r.State == FlowRunState.Failed)],
            OtherFailures = failures,
            Unknown = causeSurvey.UnknownCount > 0 ? causeSurvey.Unknown : askedSurvey.Unknown,
            UnknownCount = causeSurvey == askedSurvey
                ? causeSurvey.UnknownCount
                : causeSurvey.UnknownCount + askedSurvey.UnknownCount,
            Remembered = askedSurvey.Remembered,
            Advice = error is null
                ? []
                : [
                    .. WasToldAgain(asked) ? [ToldAgain] : Array.Empty<string>(),
                    .. await AdviseAsync(advisors, new FailureContext(cause, step, error), cancellationToken).ConfigureAwait(false),
                ],
        };
    }

    private static bool WasToldAgain(FlowRunRecord run) => run.Error?.Type == typeof(StepFailedException).FullName;

    private static async ValueTask<List<(FlowRunRecord Run, int Sequence)>> ReadFamilyAsync(
        IRunStore store, FlowRunRecord asked, CancellationToken cancellationToken)
    {
        var cause = asked;
        var sequence = asked.Error?.CauseSequence ?? 0;
        if (asked.Error?.CauseRunId is { } causeRun && causeRun != asked.Id)
        {
            cause = await store.GetFlowRunAsync(causeRun, cancellationToken).ConfigureAwait(false);
            if (cause is null)
                (cause, sequence) = (asked, 0);
        }

        var family = new List<(FlowRunRecord, int)> { (cause, sequence) };
        for (var run = cause; run.ParentRunId is { } parent && family.Count < MaxHops;)
        {
            sequence = run.ParentSequence;
            if (await store.GetFlowRunAsync(parent, cancellationToken).ConfigureAwait(false) is not { } next)
                break;
            family.Add((next, sequence));
            run = next;
        }
        // Retention may have removed a run between the two: then the cause stands for itself.
        return family.Exists(member => member.Item1.Id == asked.Id) ? family : [(asked, 0)];
    }

    private static ValueTask<StepSurvey> SurveyAsync(
        IRunStore store, List<(FlowRunRecord Run, int Sequence)> family, int index, CancellationToken cancellationToken) =>
        StepSurvey.ReadAsync(
            store, family[index].Run.Id, family[index].Sequence, family[0].Run.Id, family[0].Sequence, cancellationToken);

    private static async ValueTask<IReadOnlyList<ExplainedInput>> ReadInputsAsync(
        IRunStore store, FlowRunRecord run, StepRunRecord? step, CancellationToken cancellationToken)
    {
        var document = step is null ? run.Parameters : step.Inputs;
        if (document is not { Length: > 0 })
            return [];

        var references = step is null
            ? new Dictionary<int, StepReference>()
            : await ChangeFinder.ReadReferencesAsync(store, step, cancellationToken).ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(document);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return [];
            return [.. json.RootElement.EnumerateObject().Select(input => new ExplainedInput(
                input.Name,
                InputDiff.Show(input.Value, n => references.TryGetValue(n, out var reference) ? reference : null)))];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static async ValueTask<IReadOnlyList<string>> AdviseAsync(
        IReadOnlyList<IFailureAdvisor> advisors, FailureContext context, CancellationToken cancellationToken)
    {
        var advice = new List<string>();
        foreach (var advisor in advisors)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(AdvisorLimit);
                // On another thread and with a limit of our own, as it may block and ignore its token.
                var said = await Task.Run(() => advisor.AdviseAsync(context, limit.Token).AsTask(), limit.Token)
                    .WaitAsync(limit.Token).ConfigureAwait(false);
                if (!string.IsNullOrWhiteSpace(said))
                    advice.Add(said);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Advice is a courtesy: what goes wrong in giving it must not hide the failure.
            }
        }
        return advice.Count > 0 ? advice : Advice.For(context.Error);
    }
}
