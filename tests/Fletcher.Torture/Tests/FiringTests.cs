using System.Globalization;
using Fletcher.PostgreSqlServer;
using Fletcher.Torture.Conductor;
using Fletcher.Torture.Oracle;

namespace Fletcher.Torture.Tests;

/// <summary>Each firing of a deployment has one run, with three hosts whose clocks are two minutes apart and that are killed at random moments. <see cref="Settings.Read"/> says how to ask for more.</summary>
public sealed class FiringTests(ITestOutputHelper output)
{
    private const int EverydayKills = 15;

    [Fact]
    public Task Each_firing_is_started_once_on_SQLite() => TortureAsync(Settings.Read(EverydayKills));

    [Fact]
    public Task Each_firing_is_started_once_on_PostgreSQL() => TortureAsync(Settings.Read(EverydayKills) with { IsServer = true });

    [Fact]
    public Task Each_firing_is_started_once_while_the_server_restarts_and_connections_are_cut() =>
        TortureAsync(Settings.Read(EverydayKills) with { IsServer = true, IsServerTroubled = true });

    private async Task TortureAsync(Settings settings)
    {
        Assert.SkipWhen(settings.IsServer && PostgreSqlInstallation.Folder is null, PostgreSqlInstallation.Missing);
        var folder = Directory.CreateTempSubdirectory("fletcher-firing-").FullName;
        await using ITorturedStore store = settings.IsServer ? await TorturedServer.StartAsync(settings) : new TorturedFile(folder);
        var torture = new FiringTorture(settings, folder, store);
        var repeat = $"FLETCHER_TEST_SEED={settings.Seed} FLETCHER_TORTURE_KILLS={settings.Kills}";

        var (deployments, runs, effects) = await torture.RunAsync(TestContext.Current.CancellationToken);

        var violations = FiringJudge.Check(deployments, runs, effects).ToList();
        var said = string.Create(
            CultureInfo.InvariantCulture,
            $"{repeat}: {torture.Kills} kills, {deployments.Count} deployments, {deployments.Sum(deployment => deployment.Expected.Count)} firings, {runs.Count} runs, {effects.Count} lines; {violations.Count} violations");
        output.WriteLine(said);
        TestContext.Current.SendDiagnosticMessage(said);
        if (violations.Count > 0)
            await store.KeepAsync(folder);
        Assert.True(violations.Count == 0, $"{said}. The evidence is in {folder}.\n{string.Join("\n", violations.Take(40))}");
        Assert.Equal("ok", await store.CheckAsync());
        Directory.Delete(folder, recursive: true);
    }
}
