using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Terminal;
using Microsoft.Extensions.Logging;
using Spectre.Console.Testing;
using Xunit;

namespace Fletcher.Tests.Terminal;

public sealed class FlashlightViewTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly RunId Id = RunId.Parse("01m83r0bgzf7a9dw6rff1m69ad", null);

    [Fact]
    public void Everything_is_said_in_order() => Approval.Check(Plain(Full()));

    [Fact]
    public void A_failure_in_the_body_without_any_details_is_short() => Approval.Check(Plain(new Explanation
    {
        Run = Run("Billing.Month"),
        CauseRun = Run("Billing.Month"),
        Error = new ErrorRecord { Type = "System.InvalidOperationException", Message = "no tariff" },
        ResumeCommand = "FLETCHER_RETRY=x ./billing",
    }));

    [Fact]
    public void The_ascii_form_is_ascii() =>
        Assert.All(string.Concat(FlashlightView.Compose(Full(), Glyphs.Ascii, TimeZoneInfo.Utc, "/work")),
            static c => Assert.True(char.IsAscii(c), $"'{c}'"));

    [Fact]
    public void A_terminal_gets_the_same_words_and_keeps_the_indent_when_it_wraps()
    {
        using var console = new TestConsole();
        console.Profile.Width = 60;
        var lines = FlashlightView.Compose(Full(), Glyphs.Unicode, TimeZoneInfo.Utc, "/work");
        foreach (var line in lines)
            console.Write(SpectrePaint.Wrap(line));

        Assert.Equal(Words(string.Join(' ', lines)), Words(console.Output));
        Assert.Contains("\n    Rename it back or change the query", console.Output.Replace("renamed?\n    Rename", "renamed?\n    Rename", StringComparison.Ordinal), StringComparison.Ordinal);

        static string Words(string text) => string.Concat(text.Where(static c => !char.IsWhiteSpace(c)));
    }

    [Fact]
    public void Control_characters_do_not_reach_the_terminal()
    {
        var explanation = Full() with { Error = new ErrorRecord { Type = "X", Message = "a\e[2Jb\r\nsecond\tline" } };

        Assert.DoesNotContain(Plain(explanation), static c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void A_failed_run_prints_it_once_and_for_the_outermost_run_only()
    {
        using var scene = new Scene(plan: new FlowPlan([new(PlanNodeKind.Step, "Billing.Load", 1, []), new(PlanNodeKind.Step, "Billing.Send", 2, [])]));
        scene.Start();
        var error = Scene.Error() with { CauseRunId = scene.Run.Id, CauseSequence = 1, Code = "HTTP 503", Class = FailureClass.Dependency };
        scene.End(scene.Begin("Billing.Load", inputs: """{"url":"https://rates.example"}"""), StepRunState.Failed, error);
        scene.End(FlowRunState.Failed, error);

        var text = string.Join('\n', scene.Text.Split('\n').Where(static l => !l.Contains("FLETCHER_RETRY=", StringComparison.Ordinal)));
        Assert.Contains("FLETCHER_RETRY=RUN ", scene.Text, StringComparison.Ordinal);
        Approval.Check(text);
    }

    private static string Plain(Explanation explanation) =>
        string.Join('\n', FlashlightView.Compose(explanation, Glyphs.Unicode, TimeZoneInfo.Utc, "/work").Select(static l => l.ToString()));

    private static FlowRunRecord Run(string flow) => new()
    {
        Id = Id,
        Flow = flow,
        Name = "invoices 2026-10",
        RootRunId = Id,
        State = FlowRunState.Failed,
        Parameters = "{}"u8.ToArray(),
        ParametersHash = default,
    };

    private static Explanation Full() => new()
    {
        Run = Run("Billing.Month"),
        CauseRun = Run("Billing.Region"),
        CauseStep = new StepRunRecord
        {
            RunId = Id,
            Sequence = 3,
            Key = default,
            Step = new StepCode("Billing.Aggregate", "h", "/work/billing.cs", 40),
            Name = "2026-10",
            Attempt = 3,
            State = StepRunState.Failed,
        },
        Error = new ErrorRecord
        {
            Type = "System.InvalidOperationException",
            Message = "cannot aggregate\nthe month 2026-10",
            Class = FailureClass.Dependency,
            Inner = [new ErrorRecord { Type = "Microsoft.Data.Sqlite.SqliteException", Message = "SQLite Error 1: 'no such table: usage_facts'.", Code = "SQLITE 1", Class = FailureClass.Dependency }],
        },
        Path = ["Billing.Month", "Billing.Region"],
        Frame = new CodeFrame("Billing", "Aggregate", "/work/src/billing.cs", 57),
        Excerpt = new SourceExcerpt("/work/src/billing.cs", 57,
            [new(56, "command.CommandText = Sql;", false), new(57, "using var reader = command.ExecuteReader();", true), new(58, "", false)]),
        Inputs = [new("month", "\"2026-10\""), new("rows", "result of Billing.Load (2 KB)")],
        Log =
        [
            new LogLine { RunId = Id, At = Now, Level = LogLevel.Information, Category = "stdout", Message = "aggregating" },
            new LogLine { RunId = Id, At = Now.AddSeconds(1), Level = LogLevel.Warning, Category = "Billing", Message = "slow query" },
        ],
        LastSuccess = new SuccessComparison
        {
            RunId = Id,
            At = Now.AddDays(-30),
            Inputs = [new("month", "\"2026-09\"", "\"2026-10\"")],
            CodeVersionThen = "1.0",
            CodeVersionNow = "1.1",
            SourceChanged = true,
        },
        SucceededBeside = 2,
        NotRun = [new("Billing.Create", true), new("Billing.Send", false)],
        FailedWithIt = [Run("Billing.Month")],
        OtherFailures = [new("Billing.Mail", "System.TimeoutException", "too slow", 3, false), new("Billing.Region", "X", "x", 1, true)],
        Unknown = [new StepRunRecord { RunId = Id, Sequence = 9, Key = default, Step = new StepCode("Billing.Charge", null, null, 0), Name = "order 17" }],
        UnknownCount = 1,
        Remembered = 1412,
        Advice = ["The database usage.db has no table 'usage_facts'; a table 'product_usage_facts' exists: was it renamed? Rename it back or change the query, then resume the run."],
        ResumeCommand = $"FLETCHER_RETRY={Id} dotnet run billing.cs -- --break",
    };
}
