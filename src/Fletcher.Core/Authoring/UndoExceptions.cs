namespace Fletcher;

/// <summary>
/// What a flow run or a transaction had done could not be undone: an undo step failed after its retries. What came before it is not undone
/// either. A retry of the run goes on with the undoing before it executes the flow again.
/// </summary>
public sealed class UndoFailedException : FletcherException
{
    internal UndoFailedException(string message, Exception original, Exception undoError)
        : base("FLT1304", message, original) => UndoError = undoError;

    /// <summary>Why there was something to undo; also the inner exception.</summary>
    public Exception Original => InnerException!;

    /// <summary>What the undo step failed with.</summary>
    public Exception UndoError { get; }

    /// <summary>This failure among an exception and those inside it; null when there is none.</summary>
    internal static UndoFailedException? Find(Exception? error) => error switch
    {
        null => null,
        UndoFailedException found => found,
        AggregateException several => several.InnerExceptions.Select(Find).FirstOrDefault(found => found is not null),
        _ => Find(error.InnerException),
    };
}

/// <summary>
/// The code of a <c>Flow.Transaction</c> failed, and what its steps had done was undone. The inner exception is what it failed with. An execution
/// that continues the run after a crash or a wait is told so again, without executing the code; a retry executes it.
/// </summary>
public sealed class TransactionFailedException : FletcherException
{
    internal TransactionFailedException(string message, Exception cause)
        : base("FLT1305", message, cause)
    {
    }
}

/// <summary>Stands for an exception that was thrown in an execution before this one, or by another process (<see cref="Isolation.Process"/>): its type and message are kept, it itself is not.</summary>
public sealed class EarlierFailureException : FletcherException
{
    internal EarlierFailureException(Model.ErrorRecord error)
        : base("FLT1306", $"{error.Type}: {error.Message}")
    {
        Type = error.Type;
        Error = error;
    }

    /// <summary>The full name of the exception's type.</summary>
    public string Type { get; }

    /// <summary>All that is kept of it.</summary>
    public Model.ErrorRecord Error { get; }
}
