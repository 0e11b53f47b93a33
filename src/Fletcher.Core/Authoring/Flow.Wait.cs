using System.Runtime.CompilerServices;
using Fletcher.Engine;
using Fletcher.Runtime;

namespace Fletcher;

public static partial class Flow
{
    private static readonly StepDefinition SleepWait = new() { Id = "Flow.Sleep", ReadOnly = true };
    private static readonly StepDefinition SignalWait = new() { Id = "Flow.WaitFor", ReadOnly = true };
    private static readonly StepDefinition QuestionWait = new() { Id = "Flow.Ask", ReadOnly = true };

    /// <summary>
    /// Waits, for seconds or for years. When it began is stored, so a crash or a new version of the program does not begin it anew. A
    /// run that only waits, and has done so for <c>FletcherOptions.ParkAfter</c>, is parked: dropped from memory, and executed again
    /// from the top when the time has come. Outside a flow: an ordinary delay.
    /// </summary>
    /// <param name="length">How long; zero or less is over at once.</param>
    /// <param name="cancellationToken">Ends the wait outside a flow; inside one the run's own token does.</param>
    /// <param name="member">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <exception cref="OperationCanceledException">The run is to stop.</exception>
    public static Task Sleep(
        TimeSpan length, CancellationToken cancellationToken = default,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Ambient.Current is Scope scope
            ? Dispatch.RunTask(new SleepStep(
                scope, new WaitCall<Nothing>(SleepWait, member, file, line, inputs => inputs.Add("length", length)), length, null)
            { HasTask = true })
            : Wait.UntilAsync(Wait.After(Clock.GetUtcNow(), length), Clock, cancellationToken);

    /// <summary>Waits until a moment; see <see cref="Sleep"/>. A moment that has passed is over at once.</summary>
    /// <param name="until">The moment.</param>
    /// <param name="cancellationToken">Ends the wait outside a flow; inside one the run's own token does.</param>
    /// <param name="member">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <exception cref="OperationCanceledException">The run is to stop.</exception>
    public static Task SleepUntil(
        DateTimeOffset until, CancellationToken cancellationToken = default,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Ambient.Current is Scope scope
            ? Dispatch.RunTask(new SleepStep(
                scope, new WaitCall<Nothing>(SleepWait, member, file, line, inputs => inputs.Add("until", until)), null, until)
            { HasTask = true })
            : Wait.UntilAsync(until, Clock, cancellationToken);

    /// <summary>
    /// Waits for a signal that somebody sends to the run with <c>FletcherClient.SignalAsync</c>, and returns its value. A signal that was sent before
    /// is there; each signal is given to one wait. A signal whose value is no <typeparamref name="T"/> is refused (the
    /// ledger says so), and the wait goes on.
    /// </summary>
    /// <param name="name">The signal's name.</param>
    /// <param name="timeout">How long to wait; more than zero. Default: for ever.</param>
    /// <param name="member">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <exception cref="WaitTimeoutException">The time is up. It is remembered: later executions are told so too, at once.</exception>
    /// <exception cref="FletcherUsageException">The code does not run inside a flow.</exception>
    /// <exception cref="OperationCanceledException">The run is to stop.</exception>
    public static async Task<T> WaitFor<T>(
        string name, TimeSpan? timeout = null,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        CheckTimeout(timeout);
        var call = new WaitCall<T>(SignalWait, member, file, line, inputs => inputs.Add("name", name));
        var wait = new SignalWait<T>(ScopeOf("Flow.WaitFor"), call, name, timeout) { HasTask = true };
        await Dispatch.RunTask(wait).ConfigureAwait(false);
        return !wait.IsTimedOut ? wait.Result : throw new WaitTimeoutException($"No signal '{name}' came within {timeout}.");
    }

    /// <summary>Waits for a signal without a value; see <see cref="WaitFor{T}"/>.</summary>
    /// <inheritdoc cref="WaitFor{T}"/>
    public static Task WaitFor(
        string name, TimeSpan? timeout = null,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        WaitFor<object?>(name, timeout, member, file, line);

    /// <summary>
    /// Asks a person, and returns the answer, which somebody gives with <c>FletcherClient.AnswerAsync</c>. The question is kept with a JSON schema
    /// of <typeparamref name="T"/>; an answer that does not fit is refused. Who answered, and when, is kept.
    /// </summary>
    /// <param name="question">The question.</param>
    /// <param name="to">Whom it is asked: a name, an address or a group. Default: anybody.</param>
    /// <param name="timeout">How long to wait; more than zero. Default: for ever.</param>
    /// <param name="escalation">Who is asked too when nobody answers. Default: nobody.</param>
    /// <param name="member">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <exception cref="WaitTimeoutException">The time is up. It is remembered: later executions are told so too, at once.</exception>
    /// <exception cref="FletcherUsageException">The code does not run inside a flow.</exception>
    /// <exception cref="OperationCanceledException">The run is to stop; the question is withdrawn.</exception>
    public static async Task<T> Ask<T>(
        string question, string? to = null, TimeSpan? timeout = null, Escalation? escalation = null,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(question);
        CheckTimeout(timeout);
        if (escalation is not null && escalation.After <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(escalation), escalation.After, "After must be more than zero.");
        var call = new WaitCall<T>(QuestionWait, member, file, line, inputs =>
        {
            inputs.Add("question", question);
            inputs.Add("to", to);
        });
        var wait = new QuestionWait<T>(ScopeOf("Flow.Ask"), call, question, to, timeout, escalation) { HasTask = true };
        await Dispatch.RunTask(wait).ConfigureAwait(false);
        return !wait.IsTimedOut ? wait.Result : throw new WaitTimeoutException($"Nobody answered '{question}' within {timeout}.");
    }

    private static Scope ScopeOf(string method) => Ambient.Current as Scope
        ?? throw new FletcherUsageException("FLT1501", $"{method} was called outside a flow, where nobody can send anything. Call it from a flow.");

    private static void CheckTimeout(TimeSpan? timeout)
    {
        if (timeout <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "The time to wait must be more than zero; leave it out to wait for ever.");
    }
}
