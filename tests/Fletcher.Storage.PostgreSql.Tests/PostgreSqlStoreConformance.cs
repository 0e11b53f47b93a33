using Fletcher.Conformance;

namespace Fletcher.Storage.PostgreSql.Tests;

public sealed class PostgreSqlStoreConformance : RunStoreConformance
{
    private readonly ServerFixture _server;
    private readonly string _schema;

    public PostgreSqlStoreConformance(ServerFixture server)
    {
        server.Require();
        _server = server;
        _schema = server.EmptySchema();
    }

    protected override IRunStore CreateStore() => new PostgreSqlStore(new PostgreSqlStoreOptions
    {
        ConnectionString = _server.ConnectionString,
        Schema = _schema,
        TimeProvider = Clock,
    });

    protected override IRunStore CreateSecondStore() => CreateStore();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.CheckQueueAsync(_schema);
        await _server.GiveBackAsync(_schema);
    }
}
