using Fletcher.Conformance;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql.Tests;

/// <summary>What the tests of the PostgreSQL store share: a schema that nobody else has, and stores in it.</summary>
public abstract class PostgreSqlTest : IAsyncLifetime
{
    protected PostgreSqlTest(ServerFixture server)
    {
        ArgumentNullException.ThrowIfNull(server);
        server.Require();
        Server = server;
        Schema = server.NewSchema();
    }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected ServerFixture Server { get; }

    protected string Schema { get; }

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        await Server.DropAsync(Schema);
        GC.SuppressFinalize(this);
    }

    /// <summary>A store that is not open; without patience, unless it is given some.</summary>
    protected PostgreSqlStore Make(Action<NpgsqlConnectionStringBuilder>? change = null, TimeSpan? wait = null)
    {
        var address = new NpgsqlConnectionStringBuilder(Server.ConnectionString) { MaxPoolSize = 10 };
        change?.Invoke(address);
        return new PostgreSqlStore(new PostgreSqlStoreOptions
        {
            ConnectionString = address.ConnectionString,
            Schema = Schema,
            ServerWait = wait ?? TimeSpan.Zero,
        });
    }

    protected async Task<PostgreSqlStore> OpenAsync(Action<NpgsqlConnectionStringBuilder>? change = null, TimeSpan? wait = null)
    {
        var store = Make(change, wait);
        await store.OpenAsync(Cancellation);
        return store;
    }

    protected static ValueTask WriteAsync(IRunStore store, params FlowRunRecord[] runs)
    {
        var batch = new WriteBatch();
        batch.FlowRuns.AddRange(runs);
        return store.WriteAsync(batch, Cancellation);
    }

    /// <summary>The error has this id, and its text says these things, and not how anybody logs in.</summary>
    protected async Task AssertUnavailableAsync(string id, Func<Task> action, params string[] fragments)
    {
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(action);
        Assert.Equal(id, error.Id);
        Assert.All(fragments, fragment => Assert.Contains(fragment, error.Message, StringComparison.Ordinal));
        if (new NpgsqlConnectionStringBuilder(Server.ConnectionString).Password is { } password)
            Assert.DoesNotContain(password, error.ToString(), StringComparison.Ordinal);
    }
}
