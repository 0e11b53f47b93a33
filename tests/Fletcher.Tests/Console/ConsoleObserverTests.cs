using Fletcher.Model;
using Fletcher.Terminal;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fletcher.Tests.Terminal;

public sealed class ConsoleObserverTests
{
    [Theory]
    [InlineData(ConsoleMode.Plain)]
    [InlineData(ConsoleMode.Live)]
    public async Task Many_threads_at_once_are_counted_right(ConsoleMode mode)
    {
        using var scene = new Scene(mode);
        scene.Start();
        var template = scene.Begin("Billing.Send");
        scene.End(template);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var step = template with { Sequence = 2 + (thread * 20_000) + i };
                scene.Observer.StepRunChanged(scene.Run, step);
                scene.Observer.StepRunChanged(scene.Run, step with { State = StepRunState.Completed });
            }
        })));
        scene.Pass(1000);
        scene.End();

        Assert.Contains("Billing.Send × 160,001", scene.Text, StringComparison.Ordinal);
        Assert.Contains("160,001 steps", scene.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConsoleMode.Plain)]
    [InlineData(ConsoleMode.Live)]
    public void Nothing_is_allocated_for_a_step_run_once_its_step_is_known(ConsoleMode mode)
    {
        using var scene = new Scene(mode);
        scene.Start();
        var running = scene.Begin("Billing.Send");
        var done = running with { State = StepRunState.Completed };
        Tell(1_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Tell(10_000);
        // The runtime itself allocates now and then; less than a byte for each call is none of ours.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);

        void Tell(int times)
        {
            for (var i = 0; i < times; i++)
            {
                scene.Observer.StepRunChanged(scene.Run, running);
                scene.Observer.StepRunChanged(scene.Run, done);
            }
        }
    }

    [Fact]
    public void A_failure_that_a_parent_flow_handled_is_not_explained()
    {
        using var scene = new Scene();
        scene.Start();
        var child = scene.NewRun(parent: scene.Run, parentSequence: 1);
        var step = scene.Begin("Billing.Region", child: child.Id);
        scene.Tell(child);
        scene.Tell(child with { State = FlowRunState.Failed, Error = Scene.Error() });
        scene.End(step, StepRunState.Failed, Scene.Error());
        scene.End();

        Assert.DoesNotContain("FLETCHER_RETRY", scene.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_whose_every_run_fails_is_explained_a_few_times_only()
    {
        using var scene = new Scene();
        for (var i = 0; i < 15; i++)
        {
            scene.Run = scene.NewRun();
            scene.Start();
            scene.End(FlowRunState.Failed, Scene.Error());
        }

        Assert.Equal(5, scene.Text.Split("FLETCHER_RETRY").Length - 1);
        Assert.Equal(10, scene.Text.Split("\n  HttpRequestException: 503 (Service Unavailable)  run").Length - 1);
    }

    [Fact]
    public void A_run_that_cannot_be_read_any_more_does_no_harm()
    {
        using var scene = new Scene();
        scene.Start();
        scene.Tell(scene.Run with { State = FlowRunState.Failed, Error = Scene.Error() });

        Assert.Contains("✗ Billing.Month failed", scene.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_exception_of_an_explained_run_is_recognised_also_when_it_is_wrapped()
    {
        using var scene = new Scene();
        var error = new FormatException("no tariff");
        var run = scene.Run with { State = FlowRunState.Failed, Error = Scene.Error("no tariff", "System.FormatException") };
        scene.Store.Runs.Add(run);
        var report = new FailureReport(scene.Store, [], new PlainLines(TextWriter.Null, null!, null!, scene.Time), Glyphs.Ascii, scene.Time, static _ => null);

        Assert.False(report.HasExplained(error));
        report.Explain(run);

        Assert.True(report.HasExplained(error));
        Assert.True(report.HasExplained(new AggregateException(error)));
        Assert.False(report.HasExplained(new FormatException("another")));
        Assert.False(report.HasExplained(new InvalidOperationException("no tariff")));
    }

    [Theory]
    [InlineData(LogLevel.None, "Billing", false)]
    [InlineData(LogLevel.Warning, "Billing", true)]
    [InlineData(LogLevel.Error, "Billing", false)]
    [InlineData(LogLevel.Trace, "stdout", false)]
    public void Logged_lines_are_shown_from_the_wanted_level_on_and_console_output_never_twice(LogLevel from, string category, bool isShown)
    {
        using var text = new StringWriter();
        using var scene = new Scene();
        using var observer = new ConsoleObserver(scene.Store, scene.Time, [],
            new ConsoleOptions { Mode = ConsoleMode.Plain, EchoLogsFrom = from },
            new ConsoleTarget(text, true, static () => (80, 24), Spectre.Console.AnsiSupport.No));

        observer.LogWritten(new LogLine { RunId = scene.Run.Id, At = scene.Time.GetUtcNow(), Level = LogLevel.Warning, Category = category, Message = "slow" });

        Assert.Equal(isShown, text.ToString().Contains("slow", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_ansi_the_live_tree_falls_back_to_lines()
    {
        using var text = new StringWriter();
        using var observer = new ConsoleObserver(new Fletcher.Core.Tests.Diagnosis.FakeRunStore(), TimeProvider.System, [],
            new ConsoleOptions { Mode = ConsoleMode.Live }, new ConsoleTarget(text, true, static () => (80, 24), Spectre.Console.AnsiSupport.No));

        Assert.Equal(ConsoleMode.Plain, observer.Mode);
    }
}
