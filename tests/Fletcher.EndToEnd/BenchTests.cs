using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd;

/// <summary>The workload runner starts and says what it measured; what it measures is nobody's test.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task Every_workload_runs()
    {
        using var folder = new TemporaryFolder();
        var result = folder["result.json"];
        Directory.CreateDirectory(folder["data"]);

        var ended = (await Start.Program(
            Repository.Bench, ["all", "--smoke", "--dir", folder["data"], "--json", result], new Dictionary<string, string?>())).With(0);

        foreach (var workload in (string[])["light-40", "three-step", "seq-1000", "fan-10k", "fan-1m", "flows-10k", "resume-100k", "start", "startup", "parked-100k"])
            Assert.Contains(ended.OutLines, line => line.StartsWith($"| {workload}", StringComparison.Ordinal));
        using var json = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(result, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_workload_that_does_not_exist_is_refused_by_name()
    {
        var ended = (await Start.Program(Repository.Bench, ["light-41"], new Dictionary<string, string?>())).With(2);

        Assert.Contains("light-41", ended.Error, StringComparison.Ordinal);
        Assert.Contains("light-40", ended.Error, StringComparison.Ordinal);
    }
}
