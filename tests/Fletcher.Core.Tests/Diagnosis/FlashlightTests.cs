using System.Text;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Runtime;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fletcher.Core.Tests.Diagnosis;

public sealed class FlashlightTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly FakeRunStore _store = new();
    private readonly FlowRunRecord _run;

    public FlashlightTests() => _run = Run("Billing.Month");

    [Fact]
    public async Task The_cause_is_found_with_its_inputs_log_and_consequences()
    {
        Step(_run, 1, "Load", StepRunState.Completed);
        var cause = Step(_run, 2, "Aggregate", StepRunState.Failed, inputs: """{"month":"2026-10","rows":{"$step":1}}""");
        _store.Logs.Add(new LogLine { RunId = _run.Id, Sequence = 2, At = Now, Level = LogLevel.Information, Category = "stdout", Message = "hello" });
        _store.Logs.Add(new LogLine { RunId = _run.Id, Sequence = 1, At = Now, Level = LogLevel.Information, Category = "stdout", Message = "other" });
        Fail(_run, cause);
        var plan = Plan(S("Load"), S("Aggregate"), B(S("Warn")), S("Create"), new PlanNode(PlanNodeKind.FanOut, "map", 1, [S("Send")]),
            new PlanNode(PlanNodeKind.Handler, "catch", 1, [S("Undo")]));

        var e = await Explain(_run, plan);

        Assert.Equal((2, "boom"), (e.CauseStep!.Sequence, e.Error!.Message));
        Assert.Equal(["month: \"2026-10\"", "rows: result of Load (4 bytes)"], e.Inputs.Select(static i => $"{i.Name}: {i.Value}"));
        Assert.Equal(["hello"], e.Log.Select(static l => l.Message));
        Assert.Equal([new("Warn", false), new("Create", true), new StepNotRun("Send", true)], e.NotRun);
        Assert.Equal(1, e.Remembered);
        Assert.Null(e.LastSuccess);
    }

    [Fact]
    public async Task The_cause_is_followed_through_two_sub_flows()
    {
        var middle = Run("Billing.Region", _run, 1);
        var inner = Run("Billing.Airport", middle, 1);
        Step(_run, 1, "Billing.Region", StepRunState.Failed, cause: (inner.Id, 1));
        Step(middle, 1, "Billing.Airport", StepRunState.Failed, cause: (inner.Id, 1));
        var cause = Step(inner, 1, "Send", StepRunState.Failed);
        Fail(inner, cause);
        Fail(middle, cause);
        Fail(_run, cause);
        var plans = new Dictionary<string, FlowPlan>
        {
            ["Billing.Month"] = Plan(new PlanNode(PlanNodeKind.SubFlow, "Billing.Region", 1, []), S("CloseMonth")),
            ["Billing.Region"] = Plan(new PlanNode(PlanNodeKind.SubFlow, "Billing.Airport", 1, []), S("CloseRegion")),
            ["Billing.Airport"] = Plan(S("Send"), S("CloseAirport")),
        };

        var e = (await Flashlight.ExplainAsync(_store, _run.Id, (_, flow) => plans[flow], [], CancellationToken.None))!;

        Assert.Equal(["Billing.Month", "Billing.Region", "Billing.Airport"], e.Path);
        Assert.Equal((inner.Id, "Send"), (e.CauseRun.Id, e.CauseStep!.Step.Name));
        Assert.Equal(["CloseAirport", "CloseRegion", "CloseMonth"], e.NotRun.Select(static n => n.Step));
        Assert.Equal([middle.Id, _run.Id], e.FailedWithIt.Select(static r => r.Id));
        Assert.All(e.OtherFailures, static f => Assert.True(f.IsConsequence));
    }

    [Fact]
    public async Task A_failure_inside_a_step_counts_as_one_of_the_step_that_the_body_called()
    {
        Step(_run, 1, "Outer", StepRunState.Failed, cause: (_run.Id, 2));
        var cause = Step(_run, 2, "Inner", StepRunState.Failed, parent: 1);
        Fail(_run, cause);

        var e = await Explain(_run, Plan(S("Outer"), S("Next")));

        Assert.Equal("Inner", e.CauseStep!.Step.Name);
        Assert.Equal("Next", Assert.Single(e.NotRun).Step);
    }

    [Fact]
    public async Task Differences_to_the_last_success_are_found()
    {
        var earlier = Run("Billing.Month", parameters: """{"month":"2026-09"}""", version: "1.0") with { State = FlowRunState.Completed };
        Replace(earlier);
        Step(earlier, 7, "Aggregate", StepRunState.Completed, inputs: """{"month":"2026-09"}""", source: "h0");
        var cause = Step(_run, 1, "Aggregate", StepRunState.Failed, inputs: """{"month":"2026-10"}""", source: "h1");
        Fail(_run, cause);

        var last = (await Explain(_run)).LastSuccess!;

        Assert.Equal(earlier.Id, last.RunId);
        Assert.Equal("month", Assert.Single(last.Inputs).Name);
        Assert.Equal("month", Assert.Single(last.Parameters).Name);
        Assert.True(last.VersionChanged);
        Assert.True(last.SourceChanged);
        Assert.False(last.NothingChanged);
    }

    [Fact]
    public async Task When_nothing_differs_it_is_said()
    {
        var earlier = Run("Billing.Month");
        Step(earlier, 7, "Load", StepRunState.Completed);
        Step(earlier, 8, "Aggregate", StepRunState.Completed, inputs: """{"rows":{"$step":7}}""");
        Step(_run, 1, "Load", StepRunState.Completed);
        Fail(_run, Step(_run, 2, "Aggregate", StepRunState.Failed, inputs: """{"rows":{"$step":1}}"""));

        Assert.True((await Explain(_run)).LastSuccess!.NothingChanged);
    }

    [Fact]
    public async Task Other_failures_are_counted_and_told_apart_and_unknown_ones_listed()
    {
        var cause = Step(_run, 1, "Send", StepRunState.Failed);
        for (var i = 2; i < 60; i++)
            Step(_run, i, "Send", StepRunState.Failed);
        for (var i = 60; i < 90; i++)
            Step(_run, i, "Charge", StepRunState.Unknown);
        Step(_run, 90, "Send", StepRunState.Completed);
        Step(_run, 91, "Old", StepRunState.Failed, superseded: true);
        Fail(_run, cause);

        var e = await Explain(_run);

        Assert.Equal(("Send", 58L, false), Assert.Single(e.OtherFailures.Select(static f => (f.Step, f.Count, f.IsConsequence))));
        Assert.Equal((30, 10), (e.UnknownCount, e.Unknown.Count));
        Assert.Equal(1, e.SucceededBeside);
    }

    [Fact]
    public async Task A_failure_of_the_body_is_placed_by_its_line()
    {
        Step(_run, 1, "Load", StepRunState.Completed);
        Replace(_run with
        {
            State = FlowRunState.Failed,
            Error = new ErrorRecord { Type = "X", Message = "boom", StackTrace = "   at Billing.Month() in /app/billing.cs:line 15" },
        });

        var e = await Explain(_run, Plan(S("Load", 10), S("Create", 20)));

        Assert.Null(e.CauseStep);
        Assert.Equal("Create", Assert.Single(e.NotRun).Step);
        Assert.Equal("month", Assert.Single(e.Inputs).Name);
    }

    [Fact]
    public async Task Advisors_come_before_the_catalogue_and_may_fail()
    {
        Fail(_run, Step(_run, 1, "Load", StepRunState.Failed, message: "Connection refused"));

        var silent = await Explain(_run, null, new Advisor(null), new Advisor("!"));
        var wise = await Explain(_run, null, new Advisor("!"), new Advisor("Call Bob."));

        Assert.Contains("Nobody listens", Assert.Single(silent.Advice), StringComparison.Ordinal);
        Assert.Equal(["Call Bob."], wise.Advice);
    }

    [Fact]
    public async Task What_retention_removed_does_not_stop_it()
    {
        Replace(_run with
        {
            State = FlowRunState.Failed,
            Error = new ErrorRecord { Type = "X", Message = "boom", CauseRunId = RunId.New(TimeProvider.System), CauseSequence = 3 },
        });

        Assert.Equal(_run.Id, (await Explain(_run)).CauseRun.Id);
        Assert.Null(await Flashlight.ExplainAsync(_store, RunId.New(TimeProvider.System), (FlowPlan?)null, [], CancellationToken.None));
    }

    private async Task<Explanation> Explain(FlowRunRecord run, FlowPlan? plan = null, params IFailureAdvisor[] advisors) =>
        (await Flashlight.ExplainAsync(_store, run.Id, plan, advisors, CancellationToken.None))!;

    private FlowRunRecord Run(
        string flow, FlowRunRecord? parent = null, int parentSequence = 0,
        string parameters = """{"month":"2026-10"}""", string version = "1.1")
    {
        var id = RunId.New(TimeProvider.System);
        var run = new FlowRunRecord
        {
            Id = id,
            Flow = flow,
            RootRunId = parent?.RootRunId ?? id,
            ParentRunId = parent?.Id,
            ParentSequence = parentSequence,
            Parameters = Encoding.UTF8.GetBytes(parameters),
            ParametersHash = default,
            CodeVersion = version,
            State = FlowRunState.Running,
            CreatedAt = Now,
        };
        _store.Runs.Add(run);
        return run;
    }

    private StepRunRecord Step(
        FlowRunRecord run, int sequence, string name, StepRunState state, string? inputs = null, int parent = 0,
        (RunId Run, int Sequence)? cause = null, bool superseded = false, string source = "h1", string message = "boom")
    {
        var step = new StepRunRecord
        {
            RunId = run.Id,
            Sequence = sequence,
            Key = default,
            Step = new StepCode(name, source, null, 0),
            ParentSequence = parent,
            State = state,
            Superseded = superseded,
            EndedAt = Now,
            Inputs = inputs is null ? null : Encoding.UTF8.GetBytes(inputs),
            Result = state.HasResult() ? new StoredValue(ValueFormat.Json, null, null, new ContentHash(1), 4) : null,
            Error = state != StepRunState.Failed ? null : new ErrorRecord
            {
                Type = "X",
                Message = message,
                CauseRunId = cause?.Run ?? run.Id,
                CauseSequence = cause?.Sequence ?? sequence,
            },
        };
        _store.Steps.Add(step);
        return step;
    }

    private void Fail(FlowRunRecord run, StepRunRecord cause) => Replace(run with { State = FlowRunState.Failed, Error = cause.Error });

    private void Replace(FlowRunRecord run)
    {
        _store.Runs.RemoveAll(r => r.Id == run.Id);
        _store.Runs.Add(run);
    }

    private static PlanNode S(string name, int line = 1) => new(PlanNodeKind.Step, name, line, []);

    private static PlanNode B(params PlanNode[] children) => new(PlanNodeKind.Branch, "if", 1, children);

    private static FlowPlan Plan(params PlanNode[] nodes) => new(nodes);

    private sealed class Advisor(string? says) : IFailureAdvisor
    {
        public ValueTask<string?> AdviseAsync(FailureContext context, CancellationToken cancellationToken) =>
            says == "!" ? throw new InvalidOperationException("advisor") : new ValueTask<string?>(says);
    }
}
