namespace Fletcher.Storage.Sqlite;

/// <summary>Instants in the database: whole microseconds since 1970, UTC.</summary>
internal static class Instants
{
    private const long EpochTicks = 621_355_968_000_000_000;

    public static long ToMicroseconds(DateTimeOffset at)
    {
        // Down, also before 1970, where a division alone would round up.
        var (microseconds, rest) = Math.DivRem(at.UtcTicks - EpochTicks, 10);
        return rest < 0 ? microseconds - 1 : microseconds;
    }

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new((microseconds * 10) + EpochTicks, TimeSpan.Zero);
}
