namespace Fletcher.Storage.Sqlite;

/// <summary>Instants in the database: whole microseconds since 1970, UTC.</summary>
internal static class Instants
{
    private const long EpochTicks = 621_355_968_000_000_000;

    public static long ToMicroseconds(DateTimeOffset at)
    {
        var ticks = at.UtcTicks - EpochTicks;
        // Rounds down before 1970 too, where a division alone would round up.
        return (ticks - (((ticks % 10) + 10) % 10)) / 10;
    }

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new((microseconds * 10) + EpochTicks, TimeSpan.Zero);
}
