using System.Globalization;
using Fletcher.PostgreSqlServer;
using Fletcher.Torture.Conductor;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Oracle;

namespace Fletcher.Torture.Tests;

/// <summary>
/// Hosts in processes of their own share runs of the billing flow's shape: 1,000 every day, 10,000 with FLETCHER_TEST_LONG=1 or as many as FLETCHER_SHARING_RUNS says.
/// </summary>
public sealed class SharingTests(ITestOutputHelper output)
{
    private static readonly int Runs =
        Environment.GetEnvironmentVariable("FLETCHER_SHARING_RUNS") is { Length: > 0 } runs ? int.Parse(runs, CultureInfo.InvariantCulture)
        : Environment.GetEnvironmentVariable("FLETCHER_TEST_LONG") == "1" ? 10_000
        : 1_000;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Hosts_share_runs_on_one_SQLite_file(int hosts)
    {
        var folder = Directory.CreateTempSubdirectory("fletcher-sharing-").FullName;
        await ShareAsync(new TorturedFile(folder), folder, hosts);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Hosts_share_runs_on_one_PostgreSQL_server(int hosts)
    {
        Assert.SkipWhen(PostgreSqlInstallation.Folder is null, PostgreSqlInstallation.Missing);
        var folder = Directory.CreateTempSubdirectory("fletcher-sharing-").FullName;
        await using var server = await TorturedServer.StartAsync(new Settings { Seed = 1, Kills = 1 });
        await ShareAsync(server, folder, hosts);
    }

    private async Task ShareAsync(ITorturedStore store, string folder, int hosts)
    {
        var sharing = new Sharing(store, folder, Runs, hosts);
        var (runs, effects) = await sharing.RunAsync(TestContext.Current.CancellationToken);

        var capacity = effects.Select(line => line.Process).Distinct().ToDictionary(process => process, process => process == sharing.Large ? 2 * Sharing.Capacity : Sharing.Capacity);
        var violations = SharingJudge.Check(runs, effects, capacity, sharing.Killed, sharing.Stopped).ToList();
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{runs.Count} runs on {hosts} hosts; {effects.Count} lines, {runs.Sum(run => run.Bill?.InDoubt.Length ?? 0)} mails in doubt; begun by the large host {Begun(effects, sharing.Large)}, "
            + $"the killed {Begun(effects, sharing.Killed)}, the late {Begun(effects, sharing.Late)}, the stopped {Begun(effects, sharing.Stopped)}; "
            + $"before the kill: large {Begun(sharing.BeforeKill, sharing.Large)}, killed {Begun(sharing.BeforeKill, sharing.Killed)}; {violations.Count} violations"));
        Assert.True(violations.Count == 0, $"{violations.Count} violations. The evidence is in {folder}.\n{string.Join("\n", violations.Take(40))}");
        Assert.Equal(Runs, runs.Count);
        Assert.Equal("ok", await store.CheckAsync());

        // Load goes by capacity, and whoever joins late gets some, once there is more of it than the hosts take when they start.
        if (Runs >= 4_000)
        {
            Assert.True(Begun(sharing.BeforeKill, sharing.Large) > Begun(sharing.BeforeKill, sharing.Killed), "the host with twice the capacity took less");
            Assert.True(Begun(effects, sharing.Late) > 0, "the host that joined late took no run");
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>How many runs a process was the first to execute.</summary>
    private static int Begun(IEnumerable<Effect> effects, int process) =>
        effects.GroupBy(line => line.Run).Count(run => run.First().Process == process);

    // To the console too, where ./test finds it.
    private void Say(string text)
    {
        output.WriteLine(text);
        TestContext.Current.SendDiagnosticMessage(text);
    }
}
