namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Instants in the database: whole microseconds since 1970, UTC, rounded down. The last instant of all, which stands for "never", is the
/// one after the last whole microsecond.
/// </summary>
internal static class Instants
{
    private const long EpochTicks = 621_355_968_000_000_000;

    private const long Never = 253_402_300_800_000_000;

    public static long ToMicroseconds(DateTimeOffset at)
    {
        if (at.UtcTicks == DateTimeOffset.MaxValue.UtcTicks)
            return Never;

        // Down, also before 1970, where a division alone would round up.
        var (microseconds, rest) = Math.DivRem(at.UtcTicks - EpochTicks, 10);
        return rest < 0 ? microseconds - 1 : microseconds;
    }

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        microseconds >= Never ? DateTimeOffset.MaxValue : new((microseconds * 10) + EpochTicks, TimeSpan.Zero);
}
