using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Letting go of runs: which go, what goes with them, what stays.</summary>
public abstract partial class RunStoreConformance
{
    private static readonly DateTimeOffset Later = A.Instant.AddDays(100);

    private IRetentionStore Retention => Store.Retention!;

    private static FlowRunRecord Over(FlowRunState state = FlowRunState.Completed, int day = 0, string flow = "F") =>
        A.FlowRun(flow, state) with { EndedAt = A.Instant.AddDays(day) };

    private Task<PrunedRuns> PruneAsync(
        RetentionKind kind = RetentionKind.Good, int through = 50, bool dryRun = false, int limit = 100, EndedPlace? after = null, string flow = "F") =>
        Retention.PruneAsync(new PruneRequest(flow, kind, after, EndedPlace.Before(A.Instant.AddDays(through)), limit, Later, dryRun), Cancellation).AsTask();

    private async Task ClearAsync(int rows = 1000)
    {
        while ((await Retention.ClearAsync(rows, Later, Cancellation)).IsMore)
        {
        }
    }

    private ValueTask<Forgotten> ForgetAsync(int keys = 0, int cached = 0, int hosts = 0, bool dryRun = false) => Retention.ForgetAsync(
        new ForgetRequest(Later.AddDays(keys), A.Instant.AddDays(cached), A.Instant.AddDays(hosts), 100, Later, dryRun), Cancellation);

    private async Task<bool> IsThereAsync(FlowRunRecord run) => await Store.GetFlowRunAsync(run.Id, Cancellation) is not null;

    [Fact]
    public async Task Runs_go_by_kind_the_longest_ended_first_and_no_open_one()
    {
        FlowRunRecord[] good = [Over(day: 2), Over(FlowRunState.Cancelled, 1), Over(FlowRunState.Completed, 0)];
        FlowRunRecord[] failed = [Over(FlowRunState.Failed, 3), Over(FlowRunState.Crashed, 1)];
        FlowRunRecord[] kept =
        [
            Over(day: 51),
            Over(flow: "G"),
            A.FlowRun("F"),
            A.Parked(),
            Over(FlowRunState.Crashed) with { WakeAt = Now },
            Over(FlowRunState.Failed) with { WakeAt = A.Instant },
        ];
        var once = Over() with { OnceKey = "k" };
        await WriteAsync([.. good, .. failed, .. kept, once]);

        Assert.Equal([good[2].Id, good[1].Id, good[0].Id], (await PruneAsync()).Runs.Select(run => run.Run));
        Assert.Equal([failed[1].Id, failed[0].Id], (await PruneAsync(RetentionKind.Failed)).Runs.Select(run => run.Run));
        Assert.True(await IsThereAsync(once));
        Assert.Equal([once.Id], (await PruneAsync(RetentionKind.Once)).Runs.Select(run => run.Run));

        foreach (var run in good.Concat(failed).Append(once))
            Assert.False(await IsThereAsync(run));
        foreach (var run in kept)
            Assert.True(await IsThereAsync(run));
        Assert.Null(await Store.FindOnceAsync("F", "k", Cancellation));
    }

    [Fact]
    public async Task A_dry_run_says_what_goes_and_changes_nothing()
    {
        var parent = A.FlowRun("P");
        await WriteAsync(parent, Over(day: 1), Over(day: 2), Over(day: 3) with { ParentRunId = parent.Id });

        var dry = await PruneAsync(dryRun: true);

        Assert.Equal((2, 1, null), (dry.Runs.Count, dry.Needed, dry.Next));
        Assert.Equivalent(dry, await PruneAsync(dryRun: true), strict: true);
        Assert.Equivalent(dry, await PruneAsync(), strict: true);
        Assert.Empty((await PruneAsync()).Runs);
    }

    [Fact]
    public async Task Batches_go_on_where_the_one_before_ended()
    {
        var runs = Enumerable.Range(0, 7).Select(_ => Over()).ToArray();
        var parent = A.FlowRun("P");
        runs[2] = runs[2] with { ParentRunId = parent.Id };
        await WriteAsync([parent, .. runs]);

        List<RunId> gone = [];
        EndedPlace? after = null;
        var needed = 0;
        for (var i = 0; i == 0 || after is not null; i++)
        {
            var batch = await PruneAsync(limit: 3, after: after);
            gone.AddRange(batch.Runs.Select(run => run.Run));
            needed += batch.Needed;
            after = batch.Next;
            Assert.True(i < 4);
        }

        Assert.Equal(1, needed);
        Assert.Equal(runs.Where(run => run != runs[2]).Select(run => run.Id), gone);
    }

    [Fact]
    public async Task The_place_behind_so_many_newer_runs_is_found()
    {
        FlowRunRecord[] runs = [Over(day: 0), Over(FlowRunState.Cancelled, 1), Over(day: 2), Over(FlowRunState.Failed, 9), Over(day: 9) with { OnceKey = "k" }, Over(day: 5, flow: "G")];
        await WriteAsync([.. runs, A.FlowRun("F")]);

        Assert.Equal(new EndedPlace(runs[2].EndedAt!.Value, runs[2].Id), await Retention.FindPlaceAsync("F", RetentionKind.Good, 0, Cancellation));
        Assert.Equal(new EndedPlace(runs[0].EndedAt!.Value, runs[0].Id), await Retention.FindPlaceAsync("F", RetentionKind.Good, 2, Cancellation));
        Assert.Null(await Retention.FindPlaceAsync("F", RetentionKind.Good, 3, Cancellation));
        Assert.Equal(runs[3].Id, (await Retention.FindPlaceAsync("F", RetentionKind.Failed, 0, Cancellation))!.Value.Run);
        Assert.Equal(runs[4].Id, (await Retention.FindPlaceAsync("F", RetentionKind.Once, 0, Cancellation))!.Value.Run);
        Assert.Null(await Retention.FindPlaceAsync("nobody's", RetentionKind.Good, 0, Cancellation));
    }

    [Fact]
    public async Task What_another_run_needs_stays_until_that_is_gone()
    {
        var parent = Over(FlowRunState.Failed, 1);
        var member = A.SubFlow(parent, FlowRunState.Failed);
        var started = Over() with { ParentRunId = member.Id };
        var source = Over();
        var fork = A.FlowRun("F") with { ForkedFrom = source.Id };
        var family = Over();
        var once = A.SubFlow(family, FlowRunState.Completed) with { OnceKey = "k" };
        await WriteAsync(parent, member, started, source, fork, family, once);

        Assert.Equal((0, 3), await CountAsync(RetentionKind.Good));

        Assert.Equal((1, 0), await CountAsync(RetentionKind.Failed));
        Assert.Equal((0, 3), await CountAsync(RetentionKind.Good)); // the parent is not wholly deleted
        await ClearAsync();
        Assert.Equal((1, 2), await CountAsync(RetentionKind.Good));
        Assert.False(await IsThereAsync(started));

        await WriteAsync(fork with { State = FlowRunState.Failed, EndedAt = A.Instant });
        Assert.Equal((1, 0), await CountAsync(RetentionKind.Failed));
        Assert.Equal((1, 1), await CountAsync(RetentionKind.Good));
        Assert.False(await IsThereAsync(source));
        Assert.Equal(once.Id, (await Store.FindOnceAsync("Sub", "k", Cancellation))!.Id);

        async Task<(int Runs, int Needed)> CountAsync(RetentionKind kind)
        {
            var pruned = await PruneAsync(kind);
            return (pruned.Runs.Count, pruned.Needed);
        }
    }

    [Fact]
    public async Task With_a_run_goes_all_that_belongs_to_it_and_nothing_else()
    {
        var (gone, kept) = (Over(), A.FlowRun("F"));
        var child = A.SubFlow(gone, FlowRunState.Completed);
        var grandchild = A.SubFlow(child, FlowRunState.Completed);
        await WriteAsync(gone with { State = FlowRunState.Running, EndedAt = null }, kept, child, grandchild);
        foreach (var run in (FlowRunRecord[])[gone, kept, grandchild])
        {
            await WriteAsync(
                A.StepRun(run.Id, 1), A.Log(run.Id, 1, "a line"), A.Ledger(run.Id, "why"), A.Artifact(run.Id, 1, "key", "text"), A.Question(run.Id, 1));
        }

        await SendAsync(A.Message(gone.Id, key: "k"));
        var last = await SendAsync(A.Message(kept.Id));
        await WriteAsync(gone);

        Assert.Single((await PruneAsync()).Runs);

        Assert.False(await IsThereAsync(gone));
        Assert.False(await IsThereAsync(child));
        Assert.False(await IsThereAsync(grandchild));
        Assert.Equal([kept.Id], (await Store.GetQuestionsAsync(null, false, 10, Cancellation)).Select(question => question.RunId));
        Assert.Equal([kept.Id], (await Store.GetFlowRunsAsync(new FlowRunQuery(), Cancellation)).Select(run => run.Id));
        Assert.Equal([gone.Id], await Store.FindOverAsync([gone.Id, kept.Id], Cancellation));
        Assert.Null(await Store.SendAsync(A.Message(gone.Id), Cancellation));

        await ClearAsync();

        foreach (var run in (FlowRunRecord[])[gone, grandchild, kept])
        {
            var count = run == kept ? 1 : 0;
            Assert.Equal(count, (await StepRunsAsync(run.Id)).Count);
            Assert.Equal(count, (await Store.GetLogsAsync(run.Id, null, 10, Cancellation)).Count);
            Assert.Equal(count, (await Store.GetLedgerAsync(run.Id, Cancellation)).Count);
            Assert.Equal(count, (await Store.GetArtifactsAsync(run.Id, Cancellation)).Count);
        }

        Assert.Equal([last.Number], (await Store.GetMessagesAsync(0, 10, Cancellation)).Select(message => message.Number));
        Assert.Equal(last.Number, await Store.GetLastMessageAsync(Cancellation));
        Assert.Equal(last.Number + 1, (await SendAsync(A.Message(kept.Id))).Number);
        Assert.Null(await Store.FindLastSuccessAsync("F", "Billing.Send", kept.Id, Cancellation));
        Assert.Equal(default, await Retention.ClearAsync(1, Later, Cancellation));
    }

    [Fact]
    public async Task A_large_run_is_deleted_in_pieces_and_is_gone_at_once()
    {
        var root = Over();
        var children = Enumerable.Range(0, 700).Select(_ => A.SubFlow(root, FlowRunState.Completed)).ToArray();
        await WriteAsync([root, .. children, .. Enumerable.Range(1, 250).Select(i => A.StepRun(root.Id, i)), A.StepRun(children[699].Id, 1)]);

        Assert.Single((await PruneAsync()).Runs);
        Assert.False(await IsThereAsync(root));

        if (!Store.IsVolatile)
        {
            var first = await Retention.ClearAsync(100, Later, Cancellation);
            Assert.True(first.IsMore);
            Assert.InRange(first.Rows, 1, 250);
        }

        // Another one goes on, as after a crash between two of these.
        var second = CreateSecondStore();
        await second.OpenAsync(Cancellation);
        while ((await second.Retention!.ClearAsync(100, Later, Cancellation)).IsMore)
        {
        }

        if (second != Store)
            await second.DisposeAsync();
        Assert.Empty(await StepRunsAsync(root.Id));
        Assert.Empty(await StepRunsAsync(children[699].Id));
        foreach (var child in children)
            Assert.False(await IsThereAsync(child));
    }

    [Fact]
    public async Task An_idempotency_key_outlives_its_run_until_it_is_forgotten()
    {
        var (run, again) = (Started(), Started());
        var start = new RunStart { Run = run, IdempotencyKey = "i", DeduplicationKey = "d", DebounceKey = "b" };
        Assert.True((await StartAsync(start)).IsCreated);
        await WriteAsync(run with { State = FlowRunState.Completed, WakeAt = null, EndedAt = A.Instant });
        Assert.Single((await PruneAsync()).Runs);
        await ClearAsync();

        Assert.Equal(new StartedRun(run.Id, StartOutcome.Found), await StartAsync(new RunStart { Run = again, IdempotencyKey = "i" }));
        Assert.True((await StartAsync(new RunStart { Run = Started(), DeduplicationKey = "d" })).IsCreated);
        Assert.True((await StartAsync(new RunStart { Run = Started(), DebounceKey = "b" })).IsCreated);
        Assert.Equal(run.Id, (await Deployments.FindStartedAsync("F", ["i"], Cancellation))["i"]);

        Assert.Equal(0, (await ForgetAsync(keys: 0)).Keys);
        Assert.Null(await Retention.GetKeysForgottenAsync("F", Cancellation));
        Assert.Equal(1, (await ForgetAsync(keys: 1, dryRun: true)).Keys);
        Assert.False((await StartAsync(new RunStart { Run = again, IdempotencyKey = "i" })).IsCreated);
        Assert.Equal(1, (await ForgetAsync(keys: 1)).Keys);
        Assert.Equal(run.CreatedAt, await Retention.GetKeysForgottenAsync("F", Cancellation));
        Assert.Null(await Retention.GetKeysForgottenAsync("G", Cancellation));
        Assert.Equal(new StartedRun(again.Id, StartOutcome.Created), await StartAsync(new RunStart { Run = again, IdempotencyKey = "i" }));
    }

    [Fact]
    public async Task The_key_of_a_run_that_is_there_is_never_forgotten()
    {
        var run = Started();
        await StartAsync(new RunStart { Run = run, IdempotencyKey = "i" });
        await WriteAsync(run with { State = FlowRunState.Completed, WakeAt = null, EndedAt = A.Instant });

        Assert.Equal(0, (await ForgetAsync(keys: 10_000)).Keys);
        Assert.False((await StartAsync(new RunStart { Run = Started(), IdempotencyKey = "i" })).IsCreated);
    }

    [Fact]
    public async Task A_cached_result_outlives_its_run_and_so_does_a_value_that_others_have()
    {
        var (gone, kept) = (Over(), A.FlowRun("F"));
        var value = A.Value(new byte[200_000]);
        var cached = A.Cached("S", "k", A.Instant, "null") with { RunId = gone.Id, Result = A.Value([.. Enumerable.Repeat((byte)7, 200_000)]) };
        await WriteAsync(gone, kept, A.StepRun(gone.Id, 1) with { Result = value }, A.StepRun(kept.Id, 1) with { Result = value }, cached);

        Assert.Single((await PruneAsync()).Runs);
        await ClearAsync();
        await ForgetAsync();

        var found = await Store.FindCachedAsync("S", cached.Key, Cancellation);
        Assert.Equal(200_000, (await Store.ReadValueAsync(found!.Result!, Cancellation)).Length);
        Assert.Equal(200_000, (await Store.ReadValueAsync((await StepRunsAsync(kept.Id))[0].Result!, Cancellation)).Length);
        Assert.Equal(1, (await ForgetAsync(cached: 1, dryRun: true)).CachedResults);
        Assert.Equal(1, (await ForgetAsync(cached: 1)).CachedResults);
        Assert.Null(await Store.FindCachedAsync("S", cached.Key, Cancellation));
        Assert.Equal(0, (await ForgetAsync(cached: 1)).CachedResults);
    }

    [Fact]
    public async Task Hosts_that_ended_long_ago_and_have_no_run_are_forgotten()
    {
        var (ended, silent, living, owner) = (A.Host() with { EndedAt = A.Instant }, A.Host(), A.Host() with { HeartbeatAt = A.Instant.AddDays(9) }, A.Host());
        foreach (var host in (HostRecord[])[ended, silent, living, owner])
            await Store.PutHostAsync(host, Cancellation);
        await WriteAsync(A.FlowRun("F") with { HostId = owner.Id });

        Assert.Equal(2, (await ForgetAsync(hosts: 1, dryRun: true)).Hosts);
        Assert.Equal(2, (await ForgetAsync(hosts: 1)).Hosts);

        Assert.Null(await Store.GetHostAsync(ended.Id, Cancellation));
        Assert.Null(await Store.GetHostAsync(silent.Id, Cancellation));
        Assert.NotNull(await Store.GetHostAsync(living.Id, Cancellation));
        Assert.NotNull(await Store.GetHostAsync(owner.Id, Cancellation));
    }

    [Fact]
    public async Task One_of_several_has_the_turn()
    {
        Assert.True(await Retention.TryTakeTurnAsync(Now, TimeSpan.FromHours(1), Cancellation));
        Assert.False(await Retention.TryTakeTurnAsync(Now.AddMinutes(59), TimeSpan.FromHours(1), Cancellation));
        Assert.True(await Retention.TryTakeTurnAsync(Now.AddMinutes(60), TimeSpan.FromHours(1), Cancellation));

        // A clock that was ahead must not end it for ever.
        Assert.True(await Retention.TryTakeTurnAsync(Now, TimeSpan.FromHours(1), Cancellation));

        var turns = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () => await Retention.TryTakeTurnAsync(Now.AddHours(2), TimeSpan.FromHours(1), Cancellation), Cancellation)));
        Assert.Single(turns, true);
    }

    [Fact]
    public async Task Policies_are_kept_by_flow()
    {
        var policy = new RetentionPolicy { KeepFor = TimeSpan.FromHours(5), KeepFailedFor = null, Keep = 3, KeepLatest = 0, KeepOnceFor = TimeSpan.FromDays(400) };
        await WriteAsync(A.FlowRun("F"), A.FlowRun("G"));
        await Retention.PutPoliciesAsync(new Dictionary<string, RetentionPolicy> { ["F"] = RetentionPolicy.Everything, ["new"] = policy }, Cancellation);
        await Retention.PutPoliciesAsync(new Dictionary<string, RetentionPolicy> { ["F"] = policy }, Cancellation);

        var known = await Retention.GetPoliciesAsync(Cancellation);

        Assert.Equal(["F", "G", "new"], known.Keys.Order());
        Assert.Equal((policy, null, policy), (known["F"], known["G"], known["new"]));
    }

    [Fact]
    public async Task Runs_start_end_and_go_on_while_two_prune()
    {
        var second = CreateSecondStore();
        await second.OpenAsync(Cancellation);
        var open = Enumerable.Range(0, 20).Select(_ => A.FlowRun("F")).ToArray();
        await WriteAsync([.. open, .. Enumerable.Range(0, 300).Select(_ => Over())]);
        using var written = new CancellationTokenSource();

        var writer = Task.Run(
            async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    var run = A.FlowRun("F");
                    await WriteAsync(run, A.StepRun(run.Id, 1), A.StepRun(open[i % 20].Id, (i / 20) + 1));
                    await WriteAsync(run with { State = FlowRunState.Completed, EndedAt = A.Instant });
                }

                await written.CancelAsync();
            },
            Cancellation);
        var pruners = ((IRunStore[])[Store, second]).Select(store => Task.Run(
            async () =>
            {
                var gone = 0;
                for (var isLast = false; ;)
                {
                    var batch = await store.Retention!.PruneAsync(
                        new PruneRequest("F", RetentionKind.Good, null, EndedPlace.Before(Later), 7, Later, false), Cancellation);
                    gone += batch.Runs.Count;
                    await store.Retention.ClearAsync(20, Later, Cancellation);
                    if (batch.Runs.Count == 0 && isLast)
                        return gone;
                    isLast = written.IsCancellationRequested;
                }
            },
            Cancellation)).ToArray();
        await WithinLimit(Task.WhenAll([writer, .. pruners]));
        await ClearAsync();

        Assert.Equal(400, (await pruners[0]) + (await pruners[1]));
        Assert.Equal(open.Select(run => run.Id).Order(), (await Store.GetFlowRunsAsync(new FlowRunQuery { Limit = 1000 }, Cancellation)).Select(run => run.Id).Order());
        foreach (var run in open)
            Assert.Equal(5, (await StepRunsAsync(run.Id)).Count);
        if (second != Store)
            await second.DisposeAsync();
    }
}
