using Fletcher.Model;
using Fletcher.Terminal;
using Xunit;

namespace Fletcher.Tests.Terminal;

public sealed class PlainLinesTests
{
    [Fact]
    public void An_ordinary_run()
    {
        using var scene = new Scene();
        scene.Run = scene.NewRun("invoices 2026-10");
        scene.Start();
        scene.Do("Billing.LoadUsage", 1234);
        var retried = scene.Begin("Billing.Aggregate");
        scene.Pass(40);
        scene.Observer.StepRunChanged(scene.Run, retried with
        {
            State = StepRunState.Retrying,
            Error = Scene.Error(),
            NextAttemptAt = scene.Time.GetUtcNow().AddSeconds(10),
        });
        scene.Pass(10_000);
        scene.End(retried with { Attempt = 2 });
        scene.Do("Billing.Rates", state: StepRunState.Cached);
        scene.Do("Billing.Export", state: StepRunState.Skipped);
        scene.End(scene.Begin("Billing.Charge", "order 17"), StepRunState.Unknown, reason: "its process went away while it ran");
        scene.Do("Billing.Fast");
        scene.End();

        Approval.Check(scene.Text);
    }

    [Fact]
    public void A_resumed_run_shows_what_was_reused()
    {
        using var scene = new Scene();
        scene.Run = scene.Run with { Attempt = 2, Reason = "its process went away" };
        scene.Start();
        scene.Do("Billing.LoadUsage", state: StepRunState.Reused);
        for (var i = 0; i < 303; i++)
            scene.Do("Billing.SendInvoice", 10, i < 12 ? StepRunState.Reused : StepRunState.Completed);
        scene.End();

        Approval.Check(scene.Text);
    }

    [Fact]
    public void A_fan_out_is_summarised_with_its_failures_and_its_inner_steps()
    {
        using var scene = new Scene();
        scene.Start();
        for (var wave = 0; wave < 20; wave++)
        {
            var items = Enumerable.Range(0, 16).Select(i => scene.Begin("Billing.SendInvoice", $"airport {(wave * 16) + i}")).ToList();
            scene.Pass(500);
            foreach (var item in items)
            {
                scene.Do("Billing.Render", parent: item.Sequence);
                if (item.Sequence % 90 == 1)
                    scene.End(item, StepRunState.Failed, Scene.Error("refused\nby the server"));
                else
                    scene.End(item);
            }
        }
        scene.Do("Billing.Archive", 20);
        scene.End();

        Approval.Check(scene.Text);
    }

    [Fact]
    public void A_million_quick_steps_are_a_few_lines()
    {
        using var scene = new Scene();
        scene.Start();
        for (var i = 0; i < 1_000_000; i++)
        {
            scene.Do("Billing.Price");
            if (i % 10 == 0)
                scene.Do("Billing.Rate");
        }
        scene.End();

        Assert.InRange(scene.Text.Split('\n').Length, 20, 60);
        Assert.Contains("Billing.Price × 1,000,000", scene.Text, StringComparison.Ordinal);
        Assert.Contains("Billing.Rate × 100,000", scene.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_unicode_the_lines_are_ascii()
    {
        using var scene = new Scene(isUnicode: false);
        scene.Start();
        scene.Do("Billing.LoadUsage", 5);
        scene.Do("Billing.LoadRates", 5, StepRunState.Reused);
        scene.End(scene.Begin("Billing.Charge"), StepRunState.Failed, Scene.Error());
        scene.End(FlowRunState.Cancelled);

        Assert.All(scene.Text, static c => Assert.True(char.IsAscii(c), $"'{c}'"));
        Approval.Check(scene.Text);
    }

    [Fact]
    public void A_run_that_is_done_once_says_so()
    {
        using var scene = new Scene();
        scene.Tell(scene.Run with { State = FlowRunState.Completed, OnceKey = "2026-10", EndedAt = scene.Time.GetUtcNow().AddDays(-1) });

        Assert.Equal(
            "✓ Billing.Month was completed before, on 2026-09-30 08:00:00, and is done once for '2026-10': nothing was run  run RUN",
            scene.Text.Trim());
    }

    [Fact]
    public void Sub_flows_are_nested()
    {
        using var scene = new Scene();
        scene.Start();
        var child = scene.NewRun(parent: scene.Run, parentSequence: 1);
        var step = scene.Begin("Billing.Region", child: child.Id);
        scene.Tell(child);
        scene.Observer.StepRunChanged(child, step with { RunId = child.Id, Sequence = 1, ChildRunId = null, Step = new StepCode("Billing.Load", null, null, 0), State = StepRunState.Completed });
        scene.Tell(child with { State = FlowRunState.Completed });
        scene.End(step);
        scene.End();

        Approval.Check(scene.Text);
    }

    [Fact]
    public void Lines_of_runs_at_the_same_time_are_told_apart()
    {
        using var scene = new Scene();
        scene.Start();
        var other = scene.NewRun("second");
        scene.Tell(other);
        scene.Do("Billing.LoadUsage");

        Assert.Contains($"[{scene.Run.Id.ToShortString()}]   ✓ Billing.LoadUsage", scene.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flood_of_runs_is_counted()
    {
        using var scene = new Scene();
        for (var i = 0; i < 5_000; i++)
        {
            var run = scene.NewRun();
            scene.Tell(run);
            scene.Tell(run with { State = i % 1000 == 999 ? FlowRunState.Cancelled : FlowRunState.Completed });
        }
        scene.Pass(6_000);

        Assert.Contains("Billing.Month × 4,980 more runs, 5 did not complete", scene.Text, StringComparison.Ordinal);
        Assert.InRange(scene.Text.Split('\n').Length, 40, 50);
    }

    [Fact]
    public void Long_progress_is_told_now_and_then()
    {
        using var scene = new Scene();
        scene.Start();
        var step = scene.Begin("Billing.LoadUsage");
        for (var i = 0; i <= 110; i++)
        {
            scene.Observer.ArtifactWritten(new ArtifactRecord
            {
                RunId = scene.Run.Id,
                Sequence = step.Sequence,
                Key = "progress",
                Kind = ArtifactKind.Progress,
                At = scene.Time.GetUtcNow(),
                Content = $$"""{"fraction":{{i / 100m}},"message":"rows"}""",
            });
            scene.Pass(150);
        }

        Assert.Equal(4, scene.Text.Split("% rows").Length);
    }

    [Fact]
    public void A_writer_that_throws_does_no_harm()
    {
        using var scene = new Scene();
        scene.Raw.Dispose();

        scene.Start();
        scene.Do("Billing.LoadUsage");
        scene.End(FlowRunState.Failed, Scene.Error());
    }

    [Fact]
    public void Switched_off_it_says_nothing()
    {
        using var scene = new Scene(ConsoleMode.Off);
        scene.Start();
        scene.Do("Billing.LoadUsage");
        scene.End(FlowRunState.Failed, Scene.Error());

        Assert.Equal("", scene.Text);
    }
}
