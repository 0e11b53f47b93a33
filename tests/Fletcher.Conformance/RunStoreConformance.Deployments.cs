using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Deployments: kept by name, found when they are due, and changed with their runs or not at all.</summary>
public abstract partial class RunStoreConformance
{
    private IDeploymentStore Deployments => Store.Deployments!;

    private static DeploymentRecord Deployment(string name = "d", DateTimeOffset? nextAt = null) => new()
    {
        Name = name,
        Declared = new DeploymentVersion(
            new DeploymentSettings
            {
                Flow = "F",
                Parameters = """{"text":"ü\u0000"}""",
                Schedule = new DeploymentSchedule { Text = "0 6 * * *", Zone = "Europe/Berlin", ExcludedDays = [new DateOnly(2026, 12, 24)] },
            },
            Now, "code", "1"),
        Paused = new DeploymentPause(Now, "ada", "a\0b"),
        HandledAt = Now,
        NextAt = nextAt,
        Open = [A.FlowRun("F", FlowRunState.Queued).Id],
    };

    private async Task<bool> WriteDeploymentAsync(DeploymentWrite write, params RunStart[] starts) =>
        await Deployments.TryWriteAsync([write], starts, Cancellation) is not null;

    private async Task<DeploymentRecord?> DeploymentAsync(string name = "d") => await Deployments.GetAsync(name, Cancellation);

    [Fact]
    public async Task A_deployment_is_kept_as_it_is()
    {
        var record = Deployment("ü\0", Now.AddDays(1));

        Assert.True(await WriteDeploymentAsync(new DeploymentWrite(record.Name, 0, record)));

        Assert.Equivalent(record with { Version = 1 }, await DeploymentAsync(record.Name), strict: true);
        Assert.Null(await DeploymentAsync("ü"));
    }

    [Fact]
    public async Task A_deployment_is_written_only_over_the_version_that_was_read()
    {
        var record = Deployment();
        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("d", 0, record)));

        Assert.False(await WriteDeploymentAsync(new DeploymentWrite("d", 0, record with { Paused = null })));
        Assert.False(await WriteDeploymentAsync(new DeploymentWrite("d", 2, record with { Paused = null })));
        Assert.False(await WriteDeploymentAsync(new DeploymentWrite("e", 1, record with { Name = "e" })));
        Assert.NotNull((await DeploymentAsync())!.Paused);
        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("d", 1, record with { Paused = null })));
        Assert.Equal((2L, null), ((await DeploymentAsync())!.Version, (await DeploymentAsync())!.Paused));

        Assert.False(await WriteDeploymentAsync(new DeploymentWrite("d", 1, null)));
        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("d", 2, null)));
        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("d", 0, null)));
        Assert.Null(await DeploymentAsync());
        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("d", 0, record)));
    }

    [Fact]
    public async Task Deployments_and_their_runs_are_written_together_or_not_at_all()
    {
        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("d", 0, Deployment())));
        var (run, other, known) = (Started(), Started(), Started());
        await StartAsync(new RunStart { Run = known, IdempotencyKey = "known" });

        var refused = await Deployments.TryWriteAsync(
            [new DeploymentWrite("new", 0, Deployment("new")), new DeploymentWrite("d", 7, Deployment())],
            [new RunStart { Run = run, IdempotencyKey = "k" }],
            Cancellation);
        Assert.Null(refused);
        Assert.Null(await DeploymentAsync("new"));
        Assert.Null(await Store.GetFlowRunAsync(run.Id, Cancellation));

        var started = await Deployments.TryWriteAsync(
            [new DeploymentWrite("new", 0, Deployment("new")), new DeploymentWrite("d", 1, Deployment())],
            [new RunStart { Run = run, IdempotencyKey = "k", Entry = A.Ledger(default, "it is time") }, new RunStart { Run = other, IdempotencyKey = "known" }],
            Cancellation);
        Assert.Equal([new StartedRun(run.Id, StartOutcome.Created), new StartedRun(known.Id, StartOutcome.Found)], started);
        Assert.Equal(2, (await DeploymentAsync())!.Version);
        await AssertSameAsync(run, await RunAsync(run.Id));
        Assert.Single(await Store.GetLedgerAsync(run.Id, Cancellation));
        Assert.Equal(2, (await ClaimDueAsync()).Count);
    }

    [Fact]
    public async Task What_is_due_comes_by_its_time_and_the_first_is_known()
    {
        Assert.Null(await Deployments.GetNextDueAsync(Cancellation));
        foreach (var (name, minutes) in new[] { ("c", 2), ("a", 3), ("b", 1) })
            Assert.True(await WriteDeploymentAsync(new DeploymentWrite(name, 0, Deployment(name, Now.AddMinutes(minutes)))));
        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("never", 0, Deployment("never"))));

        Assert.Equal(Now.AddMinutes(1), await Deployments.GetNextDueAsync(Cancellation));
        Assert.Empty(await Deployments.GetDueAsync(Now, 10, Cancellation));
        Assert.Equal(["b", "c"], (await Deployments.GetDueAsync(Now.AddMinutes(2), 10, Cancellation)).Select(due => due.Name));
        Assert.Equal(["b"], (await Deployments.GetDueAsync(Now.AddMinutes(2), 1, Cancellation)).Select(due => due.Name));

        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("b", 1, Deployment("b", Now.AddMinutes(9)))));
        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("c", 1, null)));
        Assert.Equal(["a", "b"], (await Deployments.GetDueAsync(Now.AddMinutes(9), 10, Cancellation)).Select(due => due.Name));
        Assert.Equal(Now.AddMinutes(3), await Deployments.GetNextDueAsync(Cancellation));
    }

    [Fact]
    public async Task Deployments_are_listed_by_name_and_page()
    {
        foreach (var name in new[] { "b", "a", "c", "B" })
            Assert.True(await WriteDeploymentAsync(new DeploymentWrite(name, 0, Deployment(name))));

        Assert.Equal(["B", "a"], (await Deployments.ListAsync(null, 2, Cancellation)).Select(record => record.Name));
        Assert.Equal(["b", "c"], (await Deployments.ListAsync("a", 10, Cancellation)).Select(record => record.Name));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Deployments.ListAsync(null, 0, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Deployments.TryWriteAsync(
            [new DeploymentWrite("x", 0, Deployment("x")), new DeploymentWrite("x", 0, Deployment("x"))], [], Cancellation));
    }

    [Fact]
    public async Task Runs_are_found_by_the_keys_that_they_were_started_with()
    {
        var run = Started();
        await StartAsync(new RunStart { Run = run, IdempotencyKey = "ü 1" });
        await StartAsync(new RunStart { Run = Started(flow: "G"), IdempotencyKey = "2" });
        await StartAsync(new RunStart { Run = Started(), DeduplicationKey = "3" });

        var found = await Deployments.FindStartedAsync("F", ["ü 1", "2", "3", "4"], Cancellation);

        Assert.Equal([KeyValuePair.Create("ü 1", run.Id)], found);
        Assert.Empty(await Deployments.FindStartedAsync("nobody", ["1"], Cancellation));
    }

    [Fact]
    public async Task Of_many_that_write_over_one_version_one_does_and_starts_its_run_once()
    {
        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("d", 0, Deployment())));
        var second = CreateSecondStore();
        await second.OpenAsync(Cancellation);
        var stores = new[] { Store, second };

        var written = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () => await stores[i % 2].Deployments!.TryWriteAsync(
            [new DeploymentWrite("d", 1, Deployment(nextAt: Now.AddHours(i)))], [new RunStart { Run = Started(), IdempotencyKey = $"time {i}" }], Cancellation))));

        Assert.Single(written, starts => starts is not null);
        Assert.Equal(2, (await DeploymentAsync())!.Version);
        Assert.Single(await ClaimDueAsync());
        if (second != Store)
            await second.DisposeAsync();
    }

    [Fact]
    public async Task Who_listens_hears_of_a_deployment()
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var ears = Store.Listen(() => heard.TrySetResult());

        Assert.True(await WriteDeploymentAsync(new DeploymentWrite("d", 0, Deployment())));

        await WithinLimit(heard.Task);
    }
}
