using System.Text.RegularExpressions;
using Fletcher.Model;
using Fletcher.Terminal;
using Xunit;

namespace Fletcher.Tests.Terminal;

public sealed partial class LiveTreeTests
{
    [Fact]
    public void The_tree_shows_states_progress_and_fan_outs()
    {
        using var scene = Running(out _);

        Approval.Check(LastFrame(scene));
    }

    [Fact]
    public void On_a_narrow_terminal_lines_are_cut_and_none_is_wider()
    {
        using var scene = Running(out _, width: 40);

        var lines = LastFrame(scene).Split('\n');
        Assert.All(lines, static line => Assert.InRange(line.Length, 0, 39));
        Assert.Contains(lines, static line => line.EndsWith('…'));
    }

    [Fact]
    public void On_a_low_terminal_what_is_done_gives_way()
    {
        using var scene = new Scene(ConsoleMode.Live, height: 10);
        scene.Start();
        for (var i = 0; i < 50; i++)
            scene.Do($"Billing.Step{i}", 1);
        scene.Begin("Billing.Last");
        scene.Pass(100);

        var frame = LastFrame(scene);
        Assert.InRange(frame.Split('\n').Length, 5, 8);
        Assert.Contains("lines of what is done", frame, StringComparison.Ordinal);
        Assert.Contains("● Billing.Last  running", frame, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_goes_back_by_the_lines_that_the_one_before_takes_also_when_it_was_wrapped()
    {
        using var scene = new Scene(ConsoleMode.Live, width: 100);
        scene.Start();
        scene.Begin("Billing.Step");
        scene.Pass(100);
        scene.Pass(100);
        Assert.Contains("\e[2A\e[J", scene.Text, StringComparison.Ordinal);

        scene.Size = (30, 24);
        scene.Pass(100);

        // The head has 63 columns with the run's id and the step has 33: three and two lines of 30.
        Assert.Contains("\e[5A\e[J", scene.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void When_the_run_ends_its_tree_stays_and_nothing_is_drawn_any_more()
    {
        using var scene = Running(out var items);
        foreach (var item in items)
            scene.End(item);
        scene.End();
        var length = scene.Text.Length;
        scene.Pass(5_000);

        Assert.Equal(length, scene.Text.Length);
        Approval.Check(LastFrame(scene));
    }

    [Fact]
    public void The_cursor_is_never_hidden_so_a_killed_process_leaves_the_terminal_in_order()
    {
        using var scene = Running(out _);

        Assert.DoesNotContain("\e[?25l", scene.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_programs_own_output_stands_above_the_tree_in_whole_lines()
    {
        using var scene = new Scene(ConsoleMode.Live);
        using var stdout = scene.Observer.Coordinate(scene.Raw, isRedirected: false);
        stdout.Write("before ");
        stdout.WriteLine("the run");
        scene.Start();
        scene.Begin("Billing.Step");
        scene.Pass(100);
        stdout.Write("half ");
        scene.Pass(100);
        Assert.DoesNotContain("half", scene.Text, StringComparison.Ordinal);
        stdout.WriteLine("and whole");
        stdout.Write("rest");
        scene.Pass(100);
        scene.End();

        Assert.Matches(@"^before the run\r?\n", scene.Text);
        Assert.Contains("\e[Jhalf and whole", scene.Text, StringComparison.Ordinal);
        Assert.EndsWith("rest", scene.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_to_resume_is_never_broken_into_lines()
    {
        using var scene = new Scene(ConsoleMode.Live, width: 40);
        scene.Start();
        scene.End(FlowRunState.Failed, Scene.Error());

        var command = ProgramCommand.Current().Resume(scene.Run.Id).Replace(scene.Run.Id.ToString(), "RUN", StringComparison.Ordinal);
        Assert.Contains(command, scene.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Redirected_output_is_not_touched()
    {
        using var scene = new Scene(ConsoleMode.Live);
        using var other = new StringWriter();

        Assert.Same(other, scene.Observer.Coordinate(other, isRedirected: true));
    }

    [Fact]
    public void A_flow_that_is_executed_again_begins_a_new_tree()
    {
        using var scene = new Scene(ConsoleMode.Live);
        scene.Start();
        scene.Do("Billing.Load");
        scene.Begin("Billing.Send");
        scene.Run = scene.Run with { Attempt = 2 };
        scene.Start();
        scene.Do("Billing.Load", state: StepRunState.Reused);
        scene.Pass(100);

        var frame = LastFrame(scene);
        Assert.Contains("↺ Billing.Load  reused", frame, StringComparison.Ordinal);
        Assert.DoesNotContain("Billing.Send", frame, StringComparison.Ordinal);
        Assert.Contains("execution 2", frame, StringComparison.Ordinal);
    }

    private static Scene Running(out List<StepRunRecord> items, int width = 100)
    {
        var scene = new Scene(ConsoleMode.Live, width: width);
        scene.Start();
        scene.Do("Billing.Load", 1500);
        scene.Do("Billing.Rates", state: StepRunState.Cached);
        var retried = scene.Begin("Billing.Aggregate");
        scene.Observer.StepRunChanged(scene.Run, retried with { State = StepRunState.Retrying, Error = Scene.Error(), NextAttemptAt = scene.Time.GetUtcNow().AddSeconds(10) });
        scene.Observer.FanOutBegan(scene.Run, 0, "Billing.Send", 40);
        items = [.. Enumerable.Range(0, 20).Select(i => scene.Begin("Billing.Send", $"airport {i}"))];
        scene.Pass(300);
        foreach (var item in items.Take(10))
            scene.End(item, item == items[5] ? StepRunState.Failed : StepRunState.Completed, item == items[5] ? Scene.Error() : null);
        items.RemoveRange(0, 10);
        var two = scene.Begin("Billing.Pair", "first");
        scene.Begin("Billing.Pair", "second");
        scene.Observer.ArtifactWritten(new ArtifactRecord { RunId = scene.Run.Id, Sequence = two.Sequence, Key = "p", Kind = ArtifactKind.Progress, At = scene.Time.GetUtcNow(), Content = """{"fraction":0.42,"message":"rows"}""" });
        scene.Pass(100);
        return scene;
    }

    // What stands behind the last place to which the cursor went back, without colours.
    private static string LastFrame(Scene scene)
    {
        var text = scene.Text;
        text = text[(text.LastIndexOf("A\e[J", StringComparison.Ordinal) + 1)..];
        return Sequences().Replace(text, "").TrimEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\e\[[?0-9;]*[A-Za-z]")]
    private static partial Regex Sequences();
}
