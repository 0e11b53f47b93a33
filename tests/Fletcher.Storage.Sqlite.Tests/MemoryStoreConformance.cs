using Fletcher.Conformance;

namespace Fletcher.Storage.Sqlite.Tests;

public sealed class MemoryStoreConformance : RunStoreConformance
{
    protected override IRunStore CreateStore() => new MemoryStore(Clock);
}
