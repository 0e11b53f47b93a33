using System.Runtime.ExceptionServices;

namespace Fletcher;

/// <summary>How a piece of work ended.</summary>
public enum OutcomeKind
{
    /// <summary>It returned.</summary>
    Succeeded = 0,
    /// <summary>An exception left it, and no retries were left.</summary>
    Failed = 1,
    /// <summary>It was asked to stop, and stopped.</summary>
    Cancelled = 2,
    /// <summary>Its process went away inside it; whether it took effect is not known.</summary>
    Unknown = 3,
    /// <summary>It never started, because something before it failed.</summary>
    NotRun = 4,
}

/// <summary>How a piece of work ended, as a value instead of an exception.</summary>
/// <typeparam name="T">What it returns; <see cref="Nothing"/> if nothing.</typeparam>
public readonly record struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(OutcomeKind kind, T? value, Exception? error) => (Kind, _value, Error) = (kind, value, error);

    /// <summary>How it ended.</summary>
    public OutcomeKind Kind { get; }

    /// <summary>The exception that it ended with; null when it succeeded.</summary>
    public Exception? Error { get; }

    /// <summary>Whether it returned.</summary>
    public bool IsSuccess => Kind == OutcomeKind.Succeeded;

    /// <summary>What it returned.</summary>
    /// <exception cref="Exception">It did not succeed: the exception that it ended with.</exception>
    public T Value
    {
        get
        {
            if (Kind != OutcomeKind.Succeeded)
                ExceptionDispatchInfo.Throw(Error ?? new InvalidOperationException($"There is no value: the outcome is {Kind}."));
            return _value!;
        }
    }

    /// <summary>What it returned, or <paramref name="fallback"/> when it did not succeed.</summary>
    public T ValueOr(T fallback) => IsSuccess ? _value! : fallback;

    /// <summary>The outcome of work that returned.</summary>
    public static Outcome<T> Success(T value) => new(OutcomeKind.Succeeded, value, null);

    /// <summary>The outcome of work that ended with an exception, whose type tells how.</summary>
    public static Outcome<T> From(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new(
            error switch
            {
                StepUnknownException => OutcomeKind.Unknown,
                OperationCanceledException => OutcomeKind.Cancelled,
                _ => OutcomeKind.Failed,
            },
            default, error);
    }

    /// <summary>The outcome of work that never started because of <paramref name="cause"/>.</summary>
    public static Outcome<T> NotRun(Exception cause) => new(OutcomeKind.NotRun, default, cause);

    /// <summary><c>Succeeded: 42</c>, <c>Failed: HttpRequestException: …</c>.</summary>
    public override string ToString() =>
        IsSuccess ? $"{Kind}: {_value}" : $"{Kind}: {Error?.GetType().Name}: {Error?.Message}";
}
