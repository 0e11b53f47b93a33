using System.Globalization;
using CliWrap;
using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd;

/// <summary>Several processes on one store, all held at the door until the last of them is there.</summary>
public sealed class ManyProcessesTests
{
    private const int Processes = 4;

    [Fact]
    public async Task What_is_done_once_is_done_by_one_of_them_and_all_have_its_result()
    {
        using var folder = new TemporaryFolder();

        var ended = await StartTogether(folder, _ => ["once", folder["done.txt"]]);

        var done = Assert.Single(await File.ReadAllLinesAsync(folder["done.txt"], TestContext.Current.CancellationToken));
        Assert.All(ended, process => Assert.Equal(["ready", $"result {done}"], process.OutLines));
        Assert.Equal(1, ended.Count(process => process.Error.Contains("Ordinary.Once started", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Different_runs_on_one_store_all_succeed()
    {
        using var folder = new TemporaryFolder();

        var ended = await StartTogether(folder, number => ["many", number.ToString(CultureInfo.InvariantCulture)]);

        Assert.All(ended, process => Assert.Equal(["ready", "counted"], process.OutLines));
        Assert.All(ended, process => Assert.DoesNotContain("locked", process.Error, StringComparison.Ordinal));
    }

    private static async Task<Ended[]> StartTogether(TemporaryFolder folder, Func<int, string[]> arguments)
    {
        using var door = new Barrier(Processes);
        var processes = Enumerable.Range(0, Processes).Select(number => Start.Program(
            Repository.Programs, arguments(number),
            new Dictionary<string, string?> { ["FLETCHER_STORE"] = folder["store.db"] },
            PipeSource.Create(async (input, cancellationToken) =>
            {
                await Task.Run(() => door.SignalAndWait(cancellationToken), cancellationToken);
                await input.WriteAsync("go\n"u8.ToArray(), cancellationToken);
            })));
        var ended = await Task.WhenAll(processes);
        Assert.All(ended, process => process.With(0));
        return ended;
    }
}
