using Fletcher.Conformance;

namespace Fletcher.Storage.Sqlite.Tests;

public sealed class SqliteStoreConformance : RunStoreConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override IRunStore CreateStore() =>
        new SqliteStore(new SqliteStoreOptions { Path = _folder.Database, Durability = Durability.Process, TimeProvider = Clock });

    protected override IRunStore CreateSecondStore() => CreateStore();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
