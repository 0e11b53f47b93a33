using System.Diagnostics;
using System.Globalization;
using Fletcher.PostgreSqlServer;
using Fletcher.Torture.Conductor;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Oracle;

namespace Fletcher.Torture.Tests;

/// <summary>
/// Random flows on several hosts and one store, whose processes are killed (SIGKILL), asked to end (SIGTERM) and stopped (SIGSTOP, SIGCONT) at
/// random moments, while signals are sent and runs are cancelled; an oracle says what was broken. <see cref="Settings.Read"/> says how to ask for more, and how to repeat one.
/// </summary>
public sealed class TortureTests(ITestOutputHelper output)
{
    private const int KillsOnServer = 10;

    [Fact]
    public Task Nothing_is_lost_and_nothing_is_done_twice() => TortureAsync(Settings.Read());

    [Fact]
    public Task Nothing_is_lost_and_nothing_is_done_twice_on_PostgreSQL() => TortureAsync(Settings.Read(KillsOnServer) with { IsServer = true });

    [Fact]
    public Task Nothing_is_lost_and_nothing_is_done_twice_while_the_server_restarts_and_connections_are_cut() =>
        TortureAsync(Settings.Read(KillsOnServer) with { IsServer = true, IsServerTroubled = true });

    private async Task TortureAsync(Settings settings)
    {
        Assert.SkipWhen(settings.IsServer && PostgreSqlInstallation.Folder is null, PostgreSqlInstallation.Missing);
        var clock = Stopwatch.StartNew();
        var folder = Directory.CreateTempSubdirectory("fletcher-torture-").FullName;
        await using ITorturedStore store = settings.IsServer ? await TorturedServer.StartAsync(settings) : new TorturedFile(folder);
        var torturer = new Torturer(settings, folder, store);
        var repeat = $"FLETCHER_TEST_SEED={settings.Seed} FLETCHER_TORTURE_KILLS={settings.Kills}";
        Say(repeat);

        var evidence = await torturer.RunAsync(TestContext.Current.CancellationToken);
        var violations = Judge.Check(evidence);

        Say(string.Create(CultureInfo.InvariantCulture,
            $"{torturer.Kills} kills, {torturer.Terminations} hand-overs, {torturer.Stops} stops in {clock.Elapsed.TotalSeconds:0} s: {evidence.Seeds.Count} flows, {evidence.Runs.Count} runs, "
            + $"{evidence.Runs.Sum(run => run.Steps.Count)} step runs, {evidence.Effects.Count} lines, {evidence.Committed.Count} results watched, "
            + $"{evidence.Runs.SelectMany(run => run.Steps).Count(step => step.State == Model.StepRunState.Unknown)} in doubt, "
            + $"{evidence.Effects.Count(effect => effect.Kind == EffectKind.Undone)} undone, {evidence.Runs.Count(evidence.IsHalfUndone)} runs half; "
            + $"{(store as TorturedServer)?.Restarts ?? 0} restarts of the server, {(store as TorturedServer)?.Cuts ?? 0} cuts; {violations.Count} violations"));
        if (violations.Count > 0)
            await store.KeepAsync(folder);
        Assert.True(
            violations.Count == 0,
            $"{violations.Count} violations; {repeat} repeats it. The evidence is in {folder}.\n"
            + string.Join("\n", violations.Take(40)));
        Directory.Delete(folder, recursive: true);
    }

    // To the console too, where ./test finds it.
    private void Say(string text)
    {
        output.WriteLine(text);
        TestContext.Current.SendDiagnosticMessage(text);
    }
}
