namespace Fletcher.Bench;

/// <summary>Where runs are kept.</summary>
internal enum StoreKind
{
    Sqlite = 0,
    Memory = 1,
    PostgreSql = 2,
}
