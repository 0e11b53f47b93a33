using System.Text.RegularExpressions;
using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd.Trouble;

/// <summary>FLETCHER_RETRY names a run that cannot be retried.</summary>
public sealed partial class RetryVariableTests
{
    [Fact]
    public async Task Something_that_is_no_run_id()
    {
        using var folder = new TemporaryFolder();

        (await Retry(folder, "the last one")).Says("FLT1406", "'the last one'", "26 letters and digits");
    }

    [Fact]
    public async Task A_run_that_is_not_in_the_store()
    {
        using var folder = new TemporaryFolder();

        (await Retry(folder, "01m83rdvrpfq9t954a4kabd6zr")).Says("FLT1401", "01m83rdvrpfq9t954a4kabd6zr", folder["store.db"]);
    }

    [Fact]
    public async Task A_run_that_completed()
    {
        using var folder = new TemporaryFolder();
        var first = (await Start.Scenario(folder["store.db"], "hello", "Ada")).With(0);

        (await Retry(folder, RunId().Match(first.Error).Groups[1].Value)).Says("FLT1402", "completed", "nothing to retry");
    }

    private static Task<Ended> Retry(TemporaryFolder folder, string run) => Start.Program(
        Repository.Programs, ["hello", "Ada"],
        new Dictionary<string, string?> { ["FLETCHER_STORE"] = folder["store.db"], ["FLETCHER_RETRY"] = run });

    [GeneratedRegex(@"run (\w{26})")]
    private static partial Regex RunId();
}
