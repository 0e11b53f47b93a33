using Fletcher.Model;
using Fletcher.Torture.Conductor;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Flows;
using Fletcher.Torture.Oracle;

namespace Fletcher.Torture.Tests;

/// <summary>The judge of <see cref="SharingTests"/> sees what it is there to see.</summary>
public sealed class SharingJudgeTests
{
    private const int Healthy = 1;
    private const int Killed = 2;
    private const int Stopped = 3;
    private const int Customer = 7;

    private static readonly RunId Run = RunId.New(TimeProvider.System);

    [Fact]
    public void What_one_process_did_from_beginning_to_end_is_right() => Assert.Empty(Check([.. Whole(Healthy)]));

    [Fact]
    public void A_run_that_did_not_complete_is_lost() =>
        Assert.Contains("ended Failed", Assert.Single(Check([.. Whole(Healthy)], state: FlowRunState.Failed)), StringComparison.Ordinal);

    [Fact]
    public void A_wrong_sum_is_seen() =>
        Assert.Contains("has the result", Assert.Single(Check([.. Whole(Healthy)], new Bill(0, Invoices.Each, []))), StringComparison.Ordinal);

    [Fact]
    public void A_mail_that_was_sent_twice_is_seen() =>
        Assert.Contains(Check([.. Whole(Killed), Began("Mail/1", Healthy)]), line => line.Contains("sent mail 1 2 times", StringComparison.Ordinal));

    [Fact]
    public void A_mail_that_a_process_sent_when_it_came_back_is_seen() =>
        Assert.Contains(Check([.. Whole(Healthy), Began("Mail/1", Stopped)]), line => line.Contains("sent mail 1 2 times", StringComparison.Ordinal));

    [Fact]
    public void A_mail_that_was_not_sent_is_seen() =>
        Assert.Contains("sent mail 2 0 times", Assert.Single(Check([.. Whole(Healthy).SkipLast(1)])), StringComparison.Ordinal);

    [Fact]
    public void A_doubt_needs_a_process_that_was_killed_or_stopped()
    {
        var doubt = new Bill(Invoices.Total(Customer), Invoices.Each - 1, [2]);

        Assert.Contains("is in doubt", Assert.Single(Check([.. Whole(Healthy)], doubt)), StringComparison.Ordinal);
        Assert.Empty(Check([.. Whole(Killed).SkipLast(1), Began("Create/0", Healthy)], doubt));
    }

    [Fact]
    public void A_step_that_was_done_twice_for_no_reason_is_seen() =>
        Assert.Contains("did Load 2 times", Assert.Single(Check([Began("Load", Healthy), .. Whole(Healthy)])), StringComparison.Ordinal);

    [Fact]
    public void Loading_again_behind_an_invoice_is_seen() =>
        Assert.Contains("loaded again", Assert.Single(Check([.. Whole(Killed), Began("Load", Healthy)])), StringComparison.Ordinal);

    [Fact]
    public void A_step_that_a_process_does_when_it_comes_back_is_not_held_against_it() => Assert.Empty(Check([.. Whole(Healthy), Began("Load", Stopped)]));

    [Fact]
    public void A_run_that_moved_from_a_healthy_process_is_seen() =>
        Assert.Contains(
            Check([.. Whole(Healthy), Began("Create/0", Killed)]), line => line.Contains("neither killed nor stopped", StringComparison.Ordinal));

    [Fact]
    public void More_runs_than_the_capacity_are_seen()
    {
        List<SharedRun> runs = [];
        List<Effect> effects = [];
        for (var customer = 1; customer <= 3; customer++)
        {
            var id = RunId.New(TimeProvider.System);
            runs.Add(Ended(customer, id, FlowRunState.Completed, Right(customer)));
            effects.InsertRange(effects.Count / 2, Whole(Healthy).Select(line => line with { Run = id.ToString(), Root = id.ToString() }));
        }

        Assert.Contains("at the same time", Assert.Single(Check(runs, effects)), StringComparison.Ordinal);
    }

    private static List<string> Check(IReadOnlyList<Effect> effects, Bill? bill = null, FlowRunState state = FlowRunState.Completed) =>
        Check([Ended(Customer, Run, state, bill ?? Right(Customer))], effects);

    private static List<string> Check(IReadOnlyList<SharedRun> runs, IReadOnlyList<Effect> effects) =>
    [
        .. SharingJudge.Check(
            runs,
            [.. effects.Select((line, at) => line with { Offset = at })],
            new Dictionary<int, int> { [Healthy] = 2, [Killed] = 2, [Stopped] = 2 },
            Killed,
            Stopped),
    ];

    private static Bill Right(int customer) => new(Invoices.Total(customer), Invoices.Each, []);

    private static SharedRun Ended(int customer, RunId id, FlowRunState state, Bill bill) => new(customer, Invented.Run(id, Invoices.Id, state), bill);

    private static IEnumerable<Effect> Whole(int process)
    {
        yield return Began("Load", process);
        foreach (var step in new[] { "Create", "Mail" })
        {
            for (var airport = 0; airport < Invoices.Each; airport++)
                yield return Began(Invoices.Path(step, airport), process);
        }
    }

    private static Effect Began(string path, int process) => new()
    {
        Kind = EffectKind.Began,
        Seed = Customer,
        Root = Run.ToString(),
        Run = Run.ToString(),
        Path = path,
        Process = process,
        Host = "",
        Fence = 0,
        At = 0,
    };
}
