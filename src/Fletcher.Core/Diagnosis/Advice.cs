using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>
/// The catalogue of known failures. The order counts: the first that fits an error is told, so what is specific comes first.
/// </summary>
internal static class Advice
{
    internal static IReadOnlyList<KnownFailure> Catalogue { get; } =
    [
        new("cancelled", static e => e.Class == FailureClass.Cancelled,
            "The work was asked to stop before it was done. Resume the run when it may go on."),
        new("missing-table", static e => Sql(e, "42P01") || Says(e, "no such table", "Invalid object name"),
            "The query names a table that the database does not have. Check whether it was renamed, whether a migration is missing, and whether this is the right database."),
        new("missing-column", static e => Sql(e, "42703") || Says(e, "no such column", "has no column named", "Invalid column name"),
            "The query names a column that the table does not have. Compare the query with the table's definition: the schema or the query has changed."),
        new("unique", static e => Sql(e, "23505") || Says(e, "UNIQUE constraint failed", "duplicate key value"),
            "A row with this key exists already. Make the insert tolerate it (upsert), or find out who wrote the row before."),
        new("foreign-key", static e => Sql(e, "23503") || Says(e, "FOREIGN KEY constraint failed", "violates foreign key"),
            "A row refers to another one that does not exist, or would be left without it. Write the parent row first, or check the id that is referred to."),
        new("constraint", static e => Sql(e, "23502", "23514") || Says(e, "NOT NULL constraint failed", "CHECK constraint failed"),
            "The data breaks a rule of the table. Look at the inputs of the step: a value is missing or out of bounds."),
        new("deadlock", static e => Sql(e, "40001", "40P01") || Says(e, "deadlock"),
            "Two transactions stood in each other's way and the database ended this one. Running it again nearly always works: give the step retries, [Step(Retries = 3, Backoff = \"exponential 1s\")]."),
        new("database-locked", static e => Code(e, FailureCodes.Sqlite, "5", "6"),
            "Another connection held the SQLite database for longer than this one waited. Keep write transactions short, set a longer 'Default Timeout', or give the step retries."),
        new("disk-full", static e => Code(e, FailureCodes.Errno, "28") || Code(e, FailureCodes.Sqlite, "13") || Sql(e, "53100")
                || Says(e, "No space left on device", "not enough space on the disk"),
            "The disk is full. Free some space, then resume the run: what was done is kept."),
        new("out-of-memory", static e => Is(e, "System.OutOfMemoryException", "System.InsufficientMemoryException") || Sql(e, "53200"),
            "The memory did not suffice. Work on the data in parts (Flow.Map with a smaller maxConcurrency, or a stream), or give the process more memory."),
        new("dns", static e => Code(e, FailureCodes.Socket, "HostNotFound", "TryAgain", "NoData")
                || Says(e, "Name or service not known", "No such host is known", "nodename nor servname"),
            "The host name cannot be resolved. Check the name for a typing error, then the network and DNS of this machine."),
        new("connection-refused", static e => Code(e, FailureCodes.Socket, "ConnectionRefused") || Says(e, "Connection refused"),
            "Nobody listens at that address and port. Check that the service is up and that host and port are right, then resume the run."),
        new("tls", static e => Is(e, "System.Security.Authentication.AuthenticationException") || Says(e, "SSL connection could not be established", "remote certificate is invalid"),
            "No secure connection could be made. Check the server's certificate (expired, other host name, unknown issuer) and this machine's clock."),
        new("unauthorized", static e => Code(e, FailureCodes.Http, "401", "407") || Sql(e, "28000", "28P01"),
            "The credentials were not accepted. Check whether the key, token or password is set, right and not expired, then resume the run."),
        new("forbidden", static e => Code(e, FailureCodes.Http, "403") || Sql(e, "42501"),
            "The caller is known but may not do this. Ask for the missing permission, or use an account that has it."),
        new("not-found", static e => Code(e, FailureCodes.Http, "404", "410"),
            "The service does not know this address. Check the URL and the ids in it against the step's inputs."),
        new("too-many-requests", static e => Code(e, FailureCodes.Http, "429"),
            "The service asks to be called less often. Lower maxConcurrency, and give the step retries: Retry-After is honoured."),
        new("service-unavailable", static e => Code(e, FailureCodes.Http, "500", "502", "503"),
            "The service has a problem of its own. Try again later; with [Step(Retries = 5, Backoff = \"exponential 2s max 5m\")] that happens by itself."),
        new("timeout", static e => e.Class == FailureClass.Timeout || Is(e, "System.TimeoutException", "Fletcher.StepTimeoutException"),
            "It took longer than it was allowed to. If it is just slow, allow more time ([Step(Timeout = \"5m\")]); if it hangs, look at what it waits for."),
        new("file-not-found", static e => Is(e, "System.IO.FileNotFoundException", "System.IO.DirectoryNotFoundException"),
            "The file or folder is not there. Check the path (relative ones start at the working folder of the process), or make what is missing."),
        new("access-denied", static e => Is(e, "System.UnauthorizedAccessException") || Code(e, FailureCodes.Errno, "13"),
            "This user may not read or write there. Change the permissions, or use another place."),
        new("json", static e => Is(e, "System.Text.Json.JsonException", "System.Text.Json.JsonReaderException"),
            "The text is not the JSON that was expected. Look at what came in: often it is an error page, an empty answer, or a changed format."),
        new("null-reference", static e => Is(e, "System.NullReferenceException"),
            "Something was null that the code relied on. Look at the marked line and the inputs: which of them may be null there?"),
    ];

    /// <summary>What the catalogue says about an error: at most two sentences of advice, the innermost error's first.</summary>
    internal static IReadOnlyList<string> For(ErrorRecord error)
    {
        var found = new List<string>();
        foreach (var one in StackFrames.InnermostFirst(error))
        {
            // HttpClient puts a cancellation inside its time-out: only what was cancelled as a whole was asked to stop.
            if (one.Class == FailureClass.Cancelled && error.Class != FailureClass.Cancelled)
                continue;
            var known = Catalogue.FirstOrDefault(entry => entry.Matches(one));
            if (known is not null && !found.Contains(known.Advice))
                found.Add(known.Advice);
            // The innermost error says what happened; what wraps it would only repeat that in other words.
            if (found.Count > 0 && error.Inner.Count <= 1 || found.Count == 2)
                break;
        }
        return found;
    }

    private static bool Is(ErrorRecord error, params ReadOnlySpan<string> types) => types.Contains(error.Type);

    private static bool Sql(ErrorRecord error, params ReadOnlySpan<string> states) => Code(error, FailureCodes.SqlState, states);

    private static bool Code(ErrorRecord error, string kind, params ReadOnlySpan<string> values)
    {
        if (error.Code?.StartsWith(kind, StringComparison.Ordinal) != true)
            return false;
        var value = error.Code[kind.Length..];
        // SQLite's extended codes have the primary one in their low byte.
        if (kind == FailureCodes.Sqlite && int.TryParse(value, CultureInfo.InvariantCulture, out var number))
            value = (number & 0xFF).ToString(CultureInfo.InvariantCulture);
        return values.Contains(value);
    }

    private static bool Says(ErrorRecord error, params ReadOnlySpan<string> fragments)
    {
        foreach (var fragment in fragments)
            if (error.Message.Contains(fragment, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }
}
