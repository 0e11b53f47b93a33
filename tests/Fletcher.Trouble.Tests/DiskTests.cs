using Fletcher.Model;

namespace Fletcher.Trouble;

/// <summary>
/// The store's disk goes bad in the middle of flows with effects that may happen once only, on two hosts; then somebody repairs it.
/// </summary>
public sealed class DiskTests
{
    private const int Count = 12;
    private const int Room = 50_000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_disk_that_is_full(bool isServed)
    {
        using var disk = SmallDisk.Mount("1");
        await using var laboratory = new Laboratory(disk.Database);

        await StopAndGoOnAsync(laboratory, isServed, "FLT1107", -1, () => { }, () => disk.Remount("size=32m"));
    }

    /// <summary>While the store is open the system does not make its disk read-only; so it is found so by the next start.</summary>
    [Fact]
    public async Task A_disk_that_is_read_only_when_a_run_is_to_go_on()
    {
        using var disk = SmallDisk.Mount("32");
        await using var laboratory = new Laboratory(disk.Database);
        var (first, cut) = laboratory.StartAndCut();
        laboratory.Inside = number =>
        {
            if (number == 5)
                cut.Cut();
            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first.RunAsync(() => Flows.Effects(laboratory.Id, Count, Room)));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first.DisposeAsync().AsTask());
        disk.Remount("ro");

        var second = laboratory.Start();
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => second.RunAsync(() => Flows.Effects(laboratory.Id, Count, Room)));
        Assert.Equal("FLT1102", error.Id);
        Assert.Equal(Enumerable.Range(0, 6), laboratory.Effects);

        disk.Remount("rw");
        await laboratory.ServeAsync();
        await laboratory.RunIsAsync(run => run.State == FlowRunState.Completed);
        await laboratory.CheckEffectsAsync(Count);
        Assert.Equal(Enumerable.Range(0, Count), laboratory.Effects);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_whose_file_is_gone_and_put_back(bool isServed)
    {
        await using var laboratory = new Laboratory();
        var away = Path.Combine(laboratory.Folder, "away.db");

        await StopAndGoOnAsync(
            laboratory, isServed, "FLT1109", 5, () => File.Move(laboratory.Database, away), () => File.Move(away, laboratory.Database));
    }

    [Fact]
    public async Task A_store_whose_file_is_deleted_for_good()
    {
        await using var laboratory = new Laboratory();
        var host = laboratory.Start();
        await laboratory.ServeAsync();
        laboratory.Inside = number =>
        {
            if (number == 5)
                File.Delete(laboratory.Database);
            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => host.RunAsync(() => Flows.Effects(laboratory.Id, Count, 10)).WaitAsync(Limit, TestContext.Current.CancellationToken));

        Assert.Equal("FLT1109", error.Id);
        Assert.Equal(Enumerable.Range(0, 6), laboratory.Effects);
        // A store that is made anew knows nothing of the run, and this host does not write to it.
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.RunAsync(() => Flows.Effects(laboratory.Id, Count, 10)));
        Assert.Null(await laboratory.FindRunAsync());
        Assert.Equal(Enumerable.Range(0, 6), laboratory.Effects);
    }

    /// <summary>Runs the flow until the store fails, repairs the store, and has the run go on.</summary>
    /// <param name="laboratory">Where.</param>
    /// <param name="isServed">Whether a host that takes runs has it; else the program that called it calls it again.</param>
    /// <param name="id">What the store's error begins with.</param>
    /// <param name="at">The effect in which the fault comes.</param>
    /// <param name="spoil">Makes the fault.</param>
    /// <param name="repair">Ends it.</param>
    private static async Task StopAndGoOnAsync(Laboratory laboratory, bool isServed, string id, int at, Action spoil, Action repair)
    {
        var host = isServed ? (await laboratory.ServeAsync()).Host : laboratory.Start();
        await laboratory.ServeAsync(configure: o => o.FlowAssemblies.Add(typeof(FlowRunRecord).Assembly));
        laboratory.Inside = number =>
        {
            if (number == at)
                spoil();
            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => host.RunAsync(() => Flows.Effects(laboratory.Id, Count, Room)).WaitAsync(Limit, TestContext.Current.CancellationToken));
        Assert.StartsWith(id, error.Id, StringComparison.Ordinal);
        var before = laboratory.Effects;
        Assert.InRange(before.Count, 1, Count - 1);
        laboratory.Inside = _ => Task.CompletedTask;
        Assert.Equal(before, laboratory.Effects); // nothing goes on without a store

        repair();
        if (!isServed)
            await host.RunAsync(() => Flows.Effects(laboratory.Id, Count, Room)).WaitAsync(Limit, TestContext.Current.CancellationToken);

        var run = await laboratory.RunIsAsync(run => run.State == FlowRunState.Completed);
        Assert.Equal(0, run.Failures);
        await laboratory.CheckEffectsAsync(Count);
        Assert.InRange((await laboratory.StepsAsync()).Count(step => step.State == StepRunState.Unknown), 0, 1);
    }
}
