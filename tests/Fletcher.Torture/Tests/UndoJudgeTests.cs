using Fletcher.Model;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Oracle;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Tests;

/// <summary>The oracle can fail about undo: evidence of flows that undid what they were to, doctored as a broken engine would leave it.</summary>
public sealed class UndoJudgeTests
{
    [Fact]
    public async Task A_step_that_is_not_undone_is_found()
    {
        var (evidence, first, _) = await FailedAsync();

        Expect(evidence.NotUndone(first), UndoneRule.Name);
        Expect(evidence.NotUndone(first).InDoubt(evidence.Undo(first)));
        Expect(evidence.NotUndone(first).InDoubt(evidence.Undo(first)).WithRoot(run => run with { Error = "Fletcher.UndoFailedException: Release" }));
        Expect(evidence.WithStep(first, step => step with { IsDiscarded = false }), UndoneRule.StoredName);
        Expect(evidence.Without(evidence.Line(EffectKind.Undone, first)), UndoneRule.StoredName);
    }

    [Fact]
    public async Task A_step_of_a_transaction_that_failed_and_is_not_undone_is_found()
    {
        var evidence = await Uninterrupted.RunAsync(plan => plan.Manner == Manner.Served && Inside(plan, NodeKind.Transaction, fails: true) is not null);

        Expect(evidence.NotUndone(Inside(evidence.Plan(), NodeKind.Transaction, fails: true)!), UndoneRule.Name);
    }

    [Fact]
    public async Task An_undo_of_what_stands_is_found()
    {
        var completed = await Uninterrupted.RunAsync(plan => plan.Manner == Manner.Served && Top(plan).Any(IsPlain));
        var failed = await Uninterrupted.RunAsync(plan => plan.Manner == Manner.Failing && Inside(plan, NodeKind.Transaction, fails: false) is not null);

        Expect(Undone(completed, Top(completed.Plan()).First(IsPlain)), UndoneRule.StandsName);
        Expect(Undone(failed, Inside(failed.Plan(), NodeKind.Transaction, fails: false)!), UndoneRule.StandsName);
    }

    [Fact]
    public async Task A_part_of_a_transaction_that_is_undone_is_found()
    {
        var evidence = await Uninterrupted.RunAsync(plan => plan.Manner == Manner.Cancelled && Pair(plan) is not null);
        var (first, last) = Pair(evidence.Plan())!.Value;

        Expect(Stored(Undone(evidence, last), last), UndoneRule.Name);
        Expect(Stored(Undone(Stored(Undone(evidence, last), last), first), first));

        static (Node, Node)? Pair(Plan plan) => plan.Root.Children
            .Where(node => node is { Kind: NodeKind.Transaction, Fails: false } && node.All().Count(inside => inside.IsUndoable) == 2)
            .Select(node => node.Children[0].Children.Where(IsPlain).ToList())
            .Where(children => children.Count == 2).Select(children => ((Node, Node)?)(children[0], children[1])).FirstOrDefault();
    }

    [Fact]
    public async Task A_transaction_in_a_step_in_doubt_may_be_undone_and_one_that_completed_may_not()
    {
        var evidence = await Uninterrupted.RunAsync(plan => plan.Manner == Manner.Failing && Held(plan) is not null);
        var (holder, reserve) = Held(evidence.Plan())!.Value;

        Expect(Stored(Undone(evidence, reserve), reserve), UndoneRule.StandsName);
        Expect(Stored(Undone(evidence.InDoubt(holder), reserve), reserve));

        static (Node, Node)? Held(Plan plan) => plan.Root.Children
            .Where(node => node is { Kind: NodeKind.OuterOnce, Fails: false })
            .SelectMany(holder => holder.Children[0].Children.Where(node => node is { Kind: NodeKind.Transaction, Fails: false })
                .SelectMany(node => node.Children[0].Children.Where(IsPlain))
                .Select(reserve => ((Node, Node)?)(holder, reserve))).FirstOrDefault();
    }

    [Fact]
    public async Task An_undo_before_that_of_a_later_step_is_found()
    {
        var (evidence, first, last) = await FailedAsync();
        var place = evidence.Line(EffectKind.Undoing, last).Offset;

        var moved = evidence.Change(first, EffectKind.Undoing, line => line with { Offset = place - 2 }).Change(first, EffectKind.Undone, line => line with { Offset = place - 1 });

        Expect(moved, UndoOrderRule.Name);
        Expect(evidence.Change(last, EffectKind.Undone, line => line with { Offset = evidence.Effects[^1].Offset + 1 }), UndoOrderRule.Name);
    }

    [Fact]
    public async Task An_at_most_once_undo_that_begins_twice_is_found()
    {
        var evidence = await Uninterrupted.RunAsync(plan => plan.Manner == Manner.Failing && Top(plan).FirstOrDefault() is { Kind: NodeKind.ReserveUndoOnce, UndoFailures: 1 });
        var node = Top(evidence.Plan()).First();

        Expect(evidence.Append(evidence.Line(EffectKind.Undoing, node) with { Fence = 2, Host = "other" }), UndoOnceRule.Name);
        Expect(evidence.Without(evidence.Line(EffectKind.UndoFailed, node)), UndoOnceRule.Name);
    }

    [Fact]
    public async Task A_committed_undo_that_runs_again_is_found()
    {
        var (evidence, first, last) = await FailedAsync();
        var undoing = evidence.Line(EffectKind.Undoing, first);

        Expect(evidence.Append(evidence.Line(EffectKind.Undoing, last) with { Fence = 2, Host = "other" }), UndoOnceRule.AgainName);
        Expect(evidence.Append(undoing), UndoOnceRule.AgainName);
        Expect(evidence.Append(undoing with { Fence = 2, Host = "other" })); // nobody could know that the last one was done
        Expect(evidence.Seen(evidence.Undo(first), 0).Append(undoing with { Fence = 2, Host = "other" }), CommittedRule.Name);
    }

    [Fact]
    public async Task An_undo_of_what_did_not_run_is_found()
    {
        var (evidence, first, _) = await FailedAsync();

        Expect(evidence.Append(evidence.Line(EffectKind.Undoing, first) with { Receipt = "other" }), UndoInputRule.Name);
        Expect(evidence.Change(first, EffectKind.Undoing, line => line with { Input = 1 }), UndoInputRule.Name);
        Expect(evidence.WithStep(first, step => step with { State = StepRunState.Unknown, IsDiscarded = false, Receipt = null }), UndoInputRule.Name);
    }

    [Fact]
    public async Task A_step_that_begins_in_a_run_that_undoes_is_found()
    {
        var evidence = await Uninterrupted.RunAsync(plan => plan.Manner == Manner.Failing && Top(plan).Any() && plan.Root.Children[^1] is { Kind: NodeKind.Work });
        var began = evidence.Line(EffectKind.Began, evidence.Plan().Root.Children[^1]);

        Expect(evidence.Append(began with { Fence = 2, Host = "other" }), UndoingRule.Name);
        Expect(evidence.Append(began with { Fence = 0, Host = "other" }));
    }

    [Fact]
    public async Task An_undo_by_another_run_is_found()
    {
        var (evidence, first, _) = await FailedAsync();

        Expect(evidence.Change(first, EffectKind.Undoing, line => line with { Run = "other" }), UndoingRule.OtherName);
    }

    [Fact]
    public async Task What_was_undone_may_run_again_and_what_stands_may_not()
    {
        var failed = await Uninterrupted.RunAsync(plan => plan.Manner == Manner.Served && IsFollowed(plan, NodeKind.SubFlow, fails: true));
        var stands = await Uninterrupted.RunAsync(plan => plan.Manner == Manner.Served && IsFollowed(plan, NodeKind.Transaction, fails: false));

        Expect(Again(failed));
        Expect(Again(stands), AgainRule.Name);

        static bool IsFollowed(Plan plan, NodeKind kind, bool fails) =>
            plan.Root.Children[0].Kind == kind && Inside(plan, kind, fails)?.Path.StartsWith("/s0", StringComparison.Ordinal) == true && plan.Root.Children[1].HasEffect;

        static Evidence Again(Evidence evidence)
        {
            var node = evidence.Plan().Root.Children[0].Children[0].Children.First(IsPlain);
            return evidence.Append(evidence.Line(EffectKind.Began, node) with { Fence = 2, Host = "other" });
        }
    }

    [Fact]
    public async Task Only_what_was_undone_is_discarded()
    {
        var (evidence, first, _) = await FailedAsync(plan => plan.Root.Children.Any(node => node.Kind == NodeKind.Work));
        var work = evidence.Plan().Root.Children.First(node => node.Kind == NodeKind.Work);
        var offset = long.MaxValue;

        Expect(evidence.WithStep(first, step => step with { IsDiscarded = false }).Seen(first, offset) with { Runs = evidence.Runs });
        Expect(evidence.Seen(work, offset).WithStep(work, step => step with { IsDiscarded = true }), CommittedRule.Name);
    }

    [Fact]
    public async Task A_run_that_ends_in_another_way_than_it_was_to_is_found()
    {
        var (evidence, _, last) = await FailedAsync();

        Expect(evidence.WithRoot(run => run with { Error = "Fletcher.UndoFailedException: Release" }), EndRule.Name);
        Expect(evidence.WithRoot(run => run with { Error = "System.Exception: Reserve" }), EndRule.Name);
        Expect(evidence.WithRoot(run => run with { State = FlowRunState.Cancelled }), EndRule.Name);
        Expect(evidence.NotUndone(last).WithStep(evidence.Undo(last), step => step with { State = StepRunState.Waiting }), EndRule.Name, UndoneRule.Name);
    }

    /// <summary>A flow that fails in the end, with two steps in its body of which the first is the last that is undone.</summary>
    private static async Task<(Evidence Evidence, Node First, Node Last)> FailedAsync(Func<Plan, bool>? isWanted = null)
    {
        var evidence = await Uninterrupted.RunAsync(plan =>
            plan.Manner == Manner.Failing && Top(plan).FirstOrDefault() is { } first && IsPlain(first) && Top(plan).Count(IsPlain) > 1 && (isWanted?.Invoke(plan) ?? true));
        var plain = Top(evidence.Plan()).Where(IsPlain).ToList();
        return (evidence, plain[0], plain[^1]);
    }

    private static bool IsPlain(Node node) => node is { Kind: NodeKind.Reserve, UndoFailures: 0 };

    /// <summary>What can be undone in the flow's body, when nothing else can.</summary>
    private static IEnumerable<Node> Top(Plan plan) =>
        plan.Root.Children.Any(node => node.Children.Count > 0 && node.All().Any(inside => inside.IsUndoable)) ? [] : plan.Root.Children.Where(node => node.IsUndoable);

    /// <summary>The first step with an undo in such a node of the flow's body; null when there is none.</summary>
    private static Node? Inside(Plan plan, NodeKind kind, bool fails) => plan.Root.Children
        .Where(node => node.Kind == kind && node.Fails == fails)
        .SelectMany(node => node.Children[0].Children).FirstOrDefault(IsPlain);

    /// <summary>As if it had been undone at the end.</summary>
    private static Evidence Undone(Evidence evidence, Node node)
    {
        var returned = evidence.Line(EffectKind.Returned, node);
        return evidence.Append(returned with { Kind = EffectKind.Undoing }).Append(returned with { Kind = EffectKind.Undone });
    }

    /// <summary>As if the store said so too.</summary>
    private static Evidence Stored(Evidence evidence, Node node)
    {
        evidence = evidence.WithStep(node, step => step with { IsDiscarded = true });
        var sequence = evidence.Root().Steps.Single(step => step.Path == node.Path).Sequence;
        return evidence.WithRoot(run => run with
        {
            Steps = [.. run.Steps.Select(step => step.Undoes == sequence ? step with { State = StepRunState.Completed } : step)],
        });
    }

    private static void Expect(Evidence evidence, params string[] rules)
    {
        var violations = Judge.Check(evidence);
        Assert.True(
            violations.Select(violation => violation.Rule).Distinct().Order().SequenceEqual(rules.Order()),
            $"expected: {string.Join(", ", rules)}; found: {string.Join("\n", violations)}");
    }
}
