using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Fletcher.EndToEnd.Running;
using Fletcher.Model;

namespace Fletcher.EndToEnd.Billing;

/// <summary>
/// The sample is killed (SIGKILL) at random moments of its first run, each time in a place of its own, and run again until it
/// ends. FLETCHER_TEST_LONG=1 kills 50 times; FLETCHER_TEST_SEED repeats the moments of an earlier run, as far as time can be
/// repeated.
/// </summary>
public sealed partial class KillTests(BillingSample sample, ITestOutputHelper output)
{
    [Fact]
    public async Task A_run_that_was_killed_is_finished_by_the_next_without_repeating_anything()
    {
        var kills = Environment.GetEnvironmentVariable("FLETCHER_TEST_LONG") == "1" ? 50 : 6;
        var seed = Environment.GetEnvironmentVariable("FLETCHER_TEST_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        var random = new Random(seed);
        Say($"seed {seed}, {kills} kills");

        var whole = await Measure();
        for (var i = 1; i <= kills; i++)
        {
            // Every other one while it sends, where most can go wrong, and which is a short part of the whole.
            var isSending = i % 2 == 0;
            await KillAndFinish(i, random.NextDouble() * (isSending ? whole / 5 : whole), isSending);
        }
    }

    private async Task<TimeSpan> Measure()
    {
        using var billing = new BillingFolder(sample);
        var clock = Stopwatch.StartNew();
        (await billing.Run()).With(0);
        return clock.Elapsed;
    }

    private async Task KillAndFinish(int number, TimeSpan after, bool isSending)
    {
        using var billing = new BillingFolder(sample);
        using var kill = new CancellationTokenSource();
        using var trigger = isSending ? WatchOutbox(billing, () => kill.CancelAfter(after)) : null;
        if (!isSending)
            kill.CancelAfter(after);

        var killed = await billing.RunUntil(kill.Token);
        var (_, before) = await billing.ReadStore();
        var finished = (await billing.Run()).With(0);
        var (run, steps) = await billing.ReadStore();
        Say(string.Create(CultureInfo.InvariantCulture,
            $"kill {number} {after.TotalMilliseconds:0} ms after {(isSending ? "the outbox came" : "the start")}: {(killed.ExitCode == -1 ? "killed" : "had ended")}, "
            + $"{before.Count} step runs stored, {before.Values.Count(IsDone)} of them done; {finished.OutLines.Single(line => Summary().IsMatch(line))}"));

        Assert.Equal(FlowRunState.Completed, run?.State);
        CheckInvoices(billing);
        CheckMails(billing, finished, steps);

        // What was committed has not been touched since: same attempt, same moments.
        foreach (var step in before.Values.Where(IsDone))
        {
            var now = steps[step.Sequence];
            Assert.Equal(
                (step.Step.Name, step.State, step.Attempt, step.StartedAt, step.EndedAt),
                (now.Step.Name, now.State, now.Attempt, now.StartedAt, now.EndedAt));
        }

        var loads = (killed.OutLines.Concat(finished.OutLines)).Count(line => line.StartsWith("Loaded", StringComparison.Ordinal));
        var wasLoaded = before.Values.Any(step => step.Step.Name == "Billing.LoadUsage" && IsDone(step));
        Assert.InRange(loads, 1, wasLoaded ? 1 : 2);
    }

    private static FileSystemWatcher WatchOutbox(BillingFolder billing, Action act)
    {
        Directory.CreateDirectory(billing.Out);
        var watcher = new FileSystemWatcher(billing.Out, "outbox");
        watcher.Created += (_, _) => act();
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private static void CheckInvoices(BillingFolder billing)
    {
        var invoices = billing.ReadInvoices("2008-11");
        Assert.Equal(BillingFolder.Airports, invoices.Count);
        Assert.Equal(BillingFolder.Flights, invoices.Values.Sum());
    }

    private static void CheckMails(BillingFolder billing, Ended finished, Dictionary<int, StepRunRecord> steps)
    {
        var mails = billing.ReadMails();
        Assert.Equal(mails.Distinct().Order(), mails.Order());

        var summary = Summary().Match(finished.Out);
        var inDoubt = InDoubt().Matches(finished.Out).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(BillingFolder.Airports, int.Parse(summary.Groups[1].Value, CultureInfo.InvariantCulture) + inDoubt.Count);
        Assert.Equal(inDoubt.Count, int.Parse(summary.Groups[2].Value, CultureInfo.InvariantCulture));
        // One in doubt may have been sent; one that was not sent is in doubt.
        Assert.Subset(inDoubt.ToHashSet(), billing.ReadInvoices("2008-11").Keys.Except(mails).ToHashSet());
        Assert.Equal(
            inDoubt.Select(airport => $"mail {airport}").Order(),
            steps.Values.Where(step => step.State == StepRunState.Unknown).Select(step => step.Name!).Order());
    }

    private static bool IsDone(StepRunRecord step) => step.State == StepRunState.Completed;

    // To the console too, where ./test finds it: a kill that went wrong can only be looked at with its seed.
    private void Say(string text)
    {
        output.WriteLine(text);
        TestContext.Current.SendDiagnosticMessage(text);
    }

    [GeneratedRegex(@"(\d+) sent, (\d+) in doubt\.")]
    private static partial Regex Summary();

    [GeneratedRegex(@"In doubt \(Unknown\): (\w+)\.")]
    private static partial Regex InDoubt();
}
