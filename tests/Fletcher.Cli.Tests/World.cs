using System.Reflection;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Cli.Tests;

/// <summary>A SQLite file, what the library puts into it, and the command on it.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fletcher-cli-");
    private readonly List<FletcherHost> _hosts = [];
    private SqliteStore? _store;

    internal string Path => System.IO.Path.Combine(_folder.FullName, "runs.db");

    internal string Folder => _folder.FullName;

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal async Task<SqliteStore> StoreAsync()
    {
        if (_store is null)
        {
            _store = new SqliteStore(Path);
            await _store.OpenAsync(Cancellation);
        }

        return _store;
    }

    /// <summary>Closes the store of this process.</summary>
    internal async Task DisposeStoreAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        _store = null;
    }

    internal async Task<FletcherClient> ClientAsync() => new(await StoreAsync(), "ada");

    /// <summary>A host in this process that takes the flows of <see cref="Work"/>.</summary>
    internal async Task<FletcherHost> ServeAsync()
    {
        var options = new FletcherOptions { Store = () => new SqliteStore(Path), TakesRuns = true, CaptureConsole = true };
        options.FlowAssemblies.Add(Assembly.GetExecutingAssembly());
        options.Limits.Add("smtp", 2);
        var host = new FletcherHost(options);
        _hosts.Add(host);
        await host.StartAsync(Cancellation);
        return host;
    }

    /// <summary>Starts a flow by name, and waits for its end.</summary>
    internal async Task<FlowRunRecord> FinishAsync(string flow, object parameters)
    {
        var client = await ClientAsync();
        var started = await client.StartAsync(flow, parameters, cancellationToken: Cancellation);
        return await client.WaitForEndAsync(started.Run, Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    /// <summary>Keeps a run as it stands.</summary>
    internal async Task<FlowRunRecord> KeepAsync(FlowRunState state, Func<FlowRunRecord, FlowRunRecord>? change = null)
    {
        var store = await StoreAsync();
        var id = RunId.New(TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        var parameters = "{\"n\":1}"u8.ToArray();
        var run = new FlowRunRecord
        {
            Id = id,
            Flow = "Kept.Flow",
            State = state,
            Parameters = parameters,
            ParametersHash = ContentHash.Of(parameters),
            RootRunId = id,
            CreatedAt = now,
            StartedAt = state is FlowRunState.Scheduled or FlowRunState.Queued ? null : now,
            EndedAt = state.IsEnd() ? now : null,
            Fence = 1,
        };
        run = change?.Invoke(run) ?? run;
        var batch = new WriteBatch();
        batch.FlowRuns.Add(run);
        await store.WriteAsync(batch, Cancellation);
        return run;
    }

    internal Task<Said> RunAsync(params string[] arguments) => Tool.RunAsync(Path, null, arguments);

    /// <summary>The one open question, as soon as it is asked.</summary>
    internal async Task<QuestionRecord> QuestionAsync() => await UntilAsync(static async store => await store.GetQuestionsAsync(null, true, 2, Cancellation) is [var question, ..] ? question : null);

    /// <summary>What is looked for, as soon as it is there.</summary>
    internal async Task<T> UntilAsync<T>(Func<IRunStore, Task<T?>> look)
        where T : class
    {
        var store = await StoreAsync();
        using var heard = new SemaphoreSlim(0);
        using var listening = store.Listen(() => heard.Release());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await look(store) is { } found)
                return found;
            await heard.WaitAsync(TimeSpan.FromMilliseconds(100), limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
