using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>What an error of the database says about the transaction that met it, and whether to try again.</summary>
internal enum Trouble
{
    /// <summary>Not of the database.</summary>
    Foreign,
    /// <summary>Trying again would not help: wrong password, missing permission, a defect. Nothing was changed.</summary>
    Lasting,
    /// <summary>Another transaction came in the way; nothing was changed. Again, at once.</summary>
    Conflict,
    /// <summary>The server could not do it now; nothing was changed. Again, in a while.</summary>
    Busy,
    /// <summary>The connection went, before or after a commit: nobody knows. Again, but look first.</summary>
    Cut,
}

/// <summary>Tells troubles apart.</summary>
internal static class Troubles
{
    private const string IdleInTransactionTimeout = "25P03";
    private const string IdleSessionTimeout = "57P05";

    public static Trouble Of(Exception error) => error switch
    {
        PostgresException server => Of(server),
        // Made without a connection: the pool had none to give.
        NpgsqlException { InnerException: TimeoutException } e when e.Message.Contains("pool has been exhausted", StringComparison.Ordinal) => Trouble.Busy,
        SocketException { SocketErrorCode: SocketError.HostNotFound } or NpgsqlException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound } } =>
            Trouble.Lasting,
        NpgsqlException { InnerException: AuthenticationException } or AuthenticationException => Trouble.Lasting,
        NpgsqlException { InnerException: null, IsTransient: false } => Trouble.Lasting,
        NpgsqlException or SocketException or IOException or TimeoutException => Trouble.Cut,
        _ => Trouble.Foreign,
    };

    private static Trouble Of(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => Trouble.Conflict,
        // A plan or a prepared statement that a newer Fletcher's migration, or a pooler between, made void.
        PostgresErrorCodes.FeatureNotSupported when error.MessageText.Contains("cached plan", StringComparison.Ordinal) => Trouble.Conflict,
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.OutOfMemory
            or PostgresErrorCodes.InsufficientResources => Trouble.Busy,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or IdleInTransactionTimeout
            or IdleSessionTimeout => Trouble.Cut,
        ['0', '8', ..] => Trouble.Cut,
        _ => Trouble.Lasting,
    };
}
