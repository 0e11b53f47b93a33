using System.Data.Common;
using System.Globalization;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>The built-in rule: what the exceptions of .NET and of databases say about who is to blame.</summary>
internal sealed class KnownExceptions : IFailureRule
{
    public FailureClass? Classify(Exception exception) => exception switch
    {
        // HttpClient reports its own time-out as a cancellation with a TimeoutException inside.
        OperationCanceledException { InnerException: TimeoutException } => FailureClass.Timeout,
        OperationCanceledException => FailureClass.Cancelled,
        TimeoutException => FailureClass.Timeout,
        StoreUnavailableException or StepUnknownException or RunLostException => FailureClass.Infrastructure,
        OutOfMemoryException => FailureClass.Infrastructure,
        HttpRequestException http => OfHttp(http),
        SocketException { SocketErrorCode: SocketError.TimedOut } => FailureClass.Timeout,
        SocketException => FailureClass.Dependency,
        AuthenticationException or UnauthorizedAccessException => FailureClass.Configuration,
        DbException database => OfDatabase(database),
        FileNotFoundException or DirectoryNotFoundException => FailureClass.Input,
        // A stream over a socket wraps the socket's error; that one says more.
        IOException { InnerException: not null } => null,
        IOException => FailureClass.Infrastructure,
        JsonException or FormatException or InvalidDataException => FailureClass.Input,
        _ => OfPeer(exception.GetType()),
    };

    // By name, as nothing here refers to the libraries: MailKit's servers that hang up or refuse, RabbitMQ's, AMQP's.
    private static FailureClass? OfPeer(Type exception) =>
        exception.Name.EndsWith("ProtocolException", StringComparison.Ordinal)
        || exception.Name is "SmtpCommandException" or "ServiceNotConnectedException" or "BrokerUnreachableException"
            ? FailureClass.Dependency
            : null;

    private static FailureClass? OfHttp(HttpRequestException exception) => (int?)exception.StatusCode switch
    {
        401 or 403 or 407 => FailureClass.Configuration,
        408 or 504 => FailureClass.Timeout,
        429 or >= 500 => FailureClass.Dependency,
        >= 400 => FailureClass.Input,
        _ => exception.InnerException is null ? FailureClass.Dependency : null,
    };

    private static FailureClass? OfDatabase(DbException exception)
    {
        var code = FailureCodes.Of(exception);
        if (code is null)
            return exception.InnerException is null ? FailureClass.Dependency : null;
        return code.StartsWith(FailureCodes.Sqlite, StringComparison.Ordinal)
            ? OfSqlite(int.Parse(code.AsSpan(FailureCodes.Sqlite.Length), CultureInfo.InvariantCulture), exception.Message)
            : OfSqlState(code[FailureCodes.SqlState.Length..]);
    }

    // https://sqlite.org/rescode.html; extended codes have the primary one in their low byte.
    private static FailureClass OfSqlite(int code, string message) => (code & 0xFF) switch
    {
        1 => message.Contains("no such ", StringComparison.Ordinal) ? FailureClass.Dependency : FailureClass.Code,
        3 or 8 or 14 or 23 or 26 => FailureClass.Configuration,
        7 or 10 or 11 or 13 => FailureClass.Infrastructure,
        18 or 19 or 20 => FailureClass.Input,
        21 or 25 => FailureClass.Code,
        _ => FailureClass.Dependency,
    };

    // Classes of ISO 9075, with PostgreSQL's additions (53, 57, 58).
    private static FailureClass OfSqlState(string state) => state switch
    {
        "42601" => FailureClass.Code,
        "42501" => FailureClass.Configuration,
        "57014" => FailureClass.Timeout,
        _ when state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal) =>
            FailureClass.Input,
        _ when state.StartsWith("28", StringComparison.Ordinal) || state.StartsWith("3D", StringComparison.Ordinal) =>
            FailureClass.Configuration,
        _ when state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("58", StringComparison.Ordinal) =>
            FailureClass.Infrastructure,
        _ => FailureClass.Dependency,
    };
}
