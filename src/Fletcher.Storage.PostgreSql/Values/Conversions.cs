using Fletcher.Model;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Instants and hashes as the database has them.</summary>
internal static class Conversions
{
    /// <summary>In UTC, in whole microseconds, rounded down; the last instant of all, which stands for "never", is the database's 'infinity'.</summary>
    public static DateTime ToDatabase(this DateTimeOffset at) => at.UtcTicks == DateTimeOffset.MaxValue.UtcTicks
        ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc)
        : new DateTime(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);

    public static DateTime? ToDatabase(this DateTimeOffset? at) => at?.ToDatabase();

    public static Guid ToGuid(this ContentHash hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        hash.WriteTo(bytes);
        return new Guid(bytes, bigEndian: true);
    }

    public static ContentHash ToHash(this Guid hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        hash.TryWriteBytes(bytes, bigEndian: true, out _);
        return ContentHash.FromBytes(bytes);
    }
}
