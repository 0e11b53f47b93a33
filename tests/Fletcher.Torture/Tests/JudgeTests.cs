using Fletcher.Model;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Oracle;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Tests;

/// <summary>The oracle can fail: evidence of flows that went well, doctored as a broken engine would leave it.</summary>
public sealed class JudgeTests
{
    [Fact]
    public async Task An_at_most_once_step_that_begins_twice_is_found()
    {
        var evidence = await WithAsync(NodeKind.Once, node => node.Fails);

        Expect(evidence.Append(evidence.Line(EffectKind.Began, Node(evidence, NodeKind.Once, node => node.Fails)) with { Fence = 2, Host = "other" }), OnceRule.Name);
    }

    [Fact]
    public async Task An_at_most_once_step_that_is_tried_again_without_having_failed_is_found()
    {
        var evidence = await WithAsync(NodeKind.OnceFlaky, node => node.Failures == 1);
        var node = Node(evidence, NodeKind.OnceFlaky, node => node.Failures == 1);

        Expect(evidence.Without(evidence.Line(EffectKind.Failed, node)), OnceRule.Name);
    }

    [Theory]
    [InlineData(1, "", true)]  // in the same execution
    [InlineData(2, "2", true)] // in one that took the run over
    [InlineData(0, "0", false)] // in one that has lost the run without knowing it yet, and began what it was about to begin
    public async Task A_committed_step_that_runs_again_is_found(long fence, string host, bool isWrong)
    {
        var evidence = await WithAsync(NodeKind.Work, IsFollowed);
        var began = evidence.Line(EffectKind.Began, Node(evidence, NodeKind.Work, IsFollowed));

        var again = evidence.Append(began with { Fence = fence, Host = host.Length == 0 ? began.Host : host });

        Expect(again, isWrong ? [AgainRule.Name] : []);
    }

    [Fact]
    public async Task A_step_of_which_nobody_could_know_that_it_was_done_may_run_again()
    {
        // The last step of the flow: what follows it is the flow's end.
        var evidence = await Uninterrupted.RunAsync(plan => plan.Root.Children[^1] is { Kind: NodeKind.Work });
        var began = evidence.Line(EffectKind.Began, evidence.Plan().Root.Children[^1]);

        Expect(evidence.Append(began with { Fence = 2, Host = "other" }));
    }

    [Fact]
    public async Task A_step_that_begins_after_its_result_was_seen_in_the_store_is_found()
    {
        var evidence = await Uninterrupted.RunAsync(plan => plan.Root.Children[^1] is { Kind: NodeKind.Work });
        var node = evidence.Plan().Root.Children[^1];
        var end = evidence.Effects[^1].Offset + 500;

        var again = evidence.Append(evidence.Line(EffectKind.Began, node) with { Fence = 2, Host = "other" });

        Expect(again.Seen(node, end), CommittedRule.Name);
        Expect(again.Seen(node, end + 1000));
    }

    [Fact]
    public async Task A_result_that_was_seen_and_is_another_or_gone_is_found()
    {
        var evidence = await WithAsync(NodeKind.Work);
        var node = Node(evidence, NodeKind.Work);
        var seen = evidence.Seen(node, long.MaxValue);

        Expect(seen);
        Expect(seen.WithStep(node, step => step with { Result = default(ContentHash) }), CommittedRule.Name);
        Expect(seen.WithStep(node, step => step with { Attempt = 2 }), CommittedRule.Name);
        Expect(seen with { Runs = [.. seen.Runs.Select(run => run with { Steps = [] })] }, CommittedRule.Name);
    }

    [Fact]
    public async Task Two_hosts_at_one_fence_are_found()
    {
        var evidence = await WithAsync(NodeKind.Work);

        Expect(evidence.Append(evidence.Effects[0] with { Host = "other" }), FenceRule.Name);
        Expect(evidence.Append(evidence.Effects[0] with { Host = "other", Fence = 2 }));
    }

    [Fact]
    public async Task A_step_that_was_given_something_else_is_found()
    {
        var evidence = await Uninterrupted.RunAsync(plan => plan.Root.Children[^1] is { Kind: NodeKind.Remembers });
        var began = evidence.Line(EffectKind.Began, evidence.Plan().Root.Children[^1]);

        Expect(evidence.Append(began with { Fence = 2, Host = "other", Input = 1 }), InputRule.Name);
    }

    [Fact]
    public async Task A_run_without_an_end_is_found()
    {
        var evidence = await Uninterrupted.RunAsync(plan => plan.Manner is Manner.Called or Manner.Served
            && plan.Root.Children.Any(node => node.Kind == NodeKind.SubFlow) && !plan.Nodes.Any(node => node.IsUndoable));

        Expect(evidence.WithRoot(run => run with { State = FlowRunState.Running }), EndRule.Name);
        Expect(evidence.WithRoot(run => run with { State = FlowRunState.Crashed }), EndRule.Name);
        Expect(evidence.WithRoot(run => run with { State = FlowRunState.Failed }), EndRule.Name);
        Expect(evidence with { Runs = [.. evidence.Runs, evidence.Root() with { Id = "other", Root = "other" }] }, EndRule.Name, ReachRule.Name);
        Expect(
            evidence with { Runs = [.. evidence.Runs.Select(run => run.Id == run.Root ? run : run with { State = FlowRunState.Running })] },
            EndRule.Name);
        Expect(evidence with { Runs = [], Effects = [] }, EndRule.Name);
    }

    [Fact]
    public async Task A_step_run_without_an_end_is_found()
    {
        var evidence = await WithAsync(NodeKind.Work);
        var node = Node(evidence, NodeKind.Work);

        Expect(evidence.WithStep(node, step => step with { State = StepRunState.Running }), EndRule.Name);
        Expect(evidence.WithStep(node, step => step with { State = StepRunState.Retrying }), EndRule.Name);
    }

    [Fact]
    public async Task Another_result_than_that_of_the_plan_is_found()
    {
        var evidence = await WithAsync(NodeKind.Work);

        Expect(evidence.WithRoot(run => run with { Result = run.Result! with { Value = run.Result.Value + 1 } }), ResultRule.Name);
        Expect(evidence.WithRoot(run => run with { Result = null }), ResultRule.Name);
        Expect(evidence with { Answers = [new Answer(evidence.Seeds[0], new Folded(0, []))] }, ResultRule.Name);
    }

    [Fact]
    public async Task A_step_in_doubt_is_in_the_result_and_needs_an_interruption()
    {
        // The last step of the flow, so that nothing says that its result had been committed.
        var evidence = await Uninterrupted.RunAsync(plan => plan.Root.Children[^1] is { Kind: NodeKind.Once, Fails: false });
        var node = evidence.Plan().Root.Children[^1];
        var result = Expected.Of(evidence.Plan(), new HashSet<string> { node.Path });
        Assert.Equal([node.Path], result.Unknown);
        Assert.Empty(evidence.Root().Result!.Unknown);

        var inDoubt = evidence.WithStep(node, step => step with { State = StepRunState.Unknown, Result = null })
            .WithRoot(run => run with { Result = result }) with
        { Answers = [new Answer(evidence.Seeds[0], result)] };

        Expect(inDoubt, ResultRule.Name);
        Expect(inDoubt.Append(evidence.Effects[0] with { Fence = 2, Host = "other" }));
    }

    [Fact]
    public async Task A_step_in_doubt_whose_result_was_committed_is_found()
    {
        var evidence = await WithAsync(NodeKind.Once, node => !node.Fails && IsFollowed(node));
        var node = Node(evidence, NodeKind.Once, node => !node.Fails && IsFollowed(node));
        var result = Expected.Of(evidence.Plan(), new HashSet<string> { node.Path });

        var inDoubt = evidence.WithStep(node, step => step with { State = StepRunState.Unknown, Result = null })
            .WithRoot(run => run with { Result = result }) with
        { Answers = [new Answer(evidence.Seeds[0], result)] };

        Expect(inDoubt.Append(evidence.Effects[0] with { Fence = 2, Host = "other" }), ResultRule.Name);
    }

    [Fact]
    public async Task A_step_that_begins_after_the_end_of_its_run_is_found()
    {
        // The last step of the flow, so that nothing says that its result had been committed.
        var evidence = await Uninterrupted.RunAsync(plan => plan.Root.Children[^1] is { Kind: NodeKind.Work });
        var began = evidence.Line(EffectKind.Began, evidence.Plan().Root.Children[^1]);

        Expect(evidence.Append(began with { Fence = 2, Host = "other", At = evidence.Root().EndedAt!.Value + 1 }), AfterEndRule.Name);
        Expect(evidence.Append(began with { Fence = 0, Host = "other", At = evidence.Root().EndedAt!.Value + 1 }));
    }

    [Fact]
    public async Task A_step_that_did_not_run_is_found()
    {
        var evidence = await WithAsync(NodeKind.Work);

        Expect(evidence.Without(evidence.Line(EffectKind.Returned, Node(evidence, NodeKind.Work))), ReachRule.Name);
    }

    [Fact]
    public async Task What_SQLite_and_the_hosts_say_counts()
    {
        var evidence = await WithAsync(NodeKind.Work);

        Expect(evidence with { Integrity = "row 7 missing from index" }, "integrity");
        Expect(evidence with { Troubles = [new Violation("trouble", 0, "process 7 ended by itself")] }, "trouble");
    }

    private static bool IsFollowed(Node node) => node.Path == "/s0";

    /// <summary>A flow with such a node in its body, which an effect in the body follows if it is the first.</summary>
    private static Task<Evidence> WithAsync(NodeKind kind, Func<Node, bool>? isWanted = null) => Uninterrupted.RunAsync(plan =>
        plan.Manner is Manner.Called or Manner.Served
        && plan.Root.Children.Any(node => node.Kind == kind && (isWanted?.Invoke(node) ?? true))
        && plan.Root.Children[1].HasEffect);

    private static Node Node(Evidence evidence, NodeKind kind, Func<Node, bool>? isWanted = null) =>
        evidence.Plan().Root.Children.First(node => node.Kind == kind && (isWanted?.Invoke(node) ?? true));

    private static void Expect(Evidence evidence, params string[] rules)
    {
        var violations = Judge.Check(evidence);
        Assert.True(
            violations.Select(violation => violation.Rule).Distinct().Order().SequenceEqual(rules.Order()),
            $"expected: {string.Join(", ", rules)}; found: {string.Join("\n", violations)}");
    }
}
