namespace Fletcher.Engine.Tests.Limiting;

/// <summary>
/// What the flows of these tests do: their steps begin, and go on when the test lets them. Each test makes its own, which its flows find by their context.
/// </summary>
internal sealed class Work : IDisposable
{
    private static readonly AsyncLocal<Work?> Current = new();

    private readonly SemaphoreSlim _go = new(0);
    private readonly Lock _gate = new();

    internal Work() => Current.Value = this;

    /// <summary>How many steps are in their code.</summary>
    internal int Under { get; private set; }

    /// <summary>How many were there at the same time at the most.</summary>
    internal int Most { get; private set; }

    /// <summary>How many steps have begun, every attempt counted.</summary>
    internal int Started { get; private set; }

    /// <summary>Whether what fails may succeed now.</summary>
    internal bool MayComplete { get; set; }

    /// <summary>What is done before a step fails.</summary>
    internal Func<Task>? BeforeFailure { get; set; }

    /// <summary>Whose flows are executed by a host that took them by itself: these have no context. One test at a time.</summary>
    internal static Work? Served { get; set; }

    private static Work Mine => Current.Value ?? Served!;

    /// <summary>Lets so many steps go on.</summary>
    internal void LetGo(int count) => _go.Release(count);

    public void Dispose() => _go.Dispose();

    [Flow]
    internal static async Task<int> SendsMany(int count) => (await Task.WhenAll(Enumerable.Range(0, count).Select(i => Sends(i)))).Length;

    [Flow]
    internal static async Task<int> SendsNested() => await Outer();

    [Flow(OnRerun = OnRerun.Resume)]
    internal static async Task<string> FailsAfterSends()
    {
        await SendsCached("x");
        await Sends(1);
        return Mine.MayComplete ? "done" : throw new InvalidOperationException("not yet");
    }

    [Flow]
    internal static int Retries() => Retried();

    [Flow]
    internal static async Task<int> RetriesOnce() => await RetriedOnce();

    [Flow]
    internal static async Task<string> Leaks() => await Leaking();

    [Flow]
    internal static int HasTotalTimeout() => Total();

    [Flow]
    internal static async Task<int> SendsFor(string[] customers) => (await Task.WhenAll(customers.Select((customer, i) => SendsTo(customer, i)))).Length;

    [Flow]
    internal static async Task<int> SmtpFirst(string customer) => await SmtpThenCustomer(customer);

    [Flow]
    internal static async Task<int> CustomerFirst(string customer) => await CustomerThenSmtp(customer);

    [Flow]
    internal static async Task<int> HoldsTwice() => await Holds();

    [Flow(Limit = "smtp")]
    internal static async Task<int> HoldsAsFlow() => await Sends(1);

    [Flow(Limit = "flow")]
    internal static async Task<int> HoldsAnother() => await SendsTo("a", 1);

    [Flow]
    internal static void Fails() => Broken();

    [Flow]
    internal static async Task<int> RunsLambdas()
    {
        var options = new StepOptions { Limit = "customer", LimitKey = "a", LimitWeight = 2 };
        await Task.WhenAll(Step.Run("one", Mine.BeAsync, options: options), Step.Run("two", Mine.BeAsync, options: options));
        return 2;
    }

    [Flow(Limit = "flow")]
    internal static async Task<int> Exclusive(int number)
    {
        await Mine.BeAsync();
        return number;
    }

    [Flow(Limit = "flow")]
    internal static async Task<string> Naps()
    {
        await Flow.Sleep(TimeSpan.FromDays(1));
        return "awake";
    }

    [Flow]
    internal static int Plain(int number) => number;

    [Flow]
    internal static async Task<int> CallsExclusive() => await Exclusive(1) + await Exclusive(2);

    [Step(Limit = "smtp")]
    private static async Task<int> Sends(int number)
    {
        await Mine.BeAsync();
        return number;
    }

    [Step]
    private static async Task<int> Outer() => await Sends(7);

    [Step(Limit = "smtp", Cache = "1d")]
    private static async Task<string> SendsCached(string what)
    {
        await Mine.BeAsync();
        return what;
    }

    [Step(Limit = "smtp", Retries = 1, Backoff = "1m")]
    private static int Retried() => Mine.MayComplete ? 2 : throw new InvalidOperationException("not yet");

    [Step(Limit = "smtp", Retries = 1)]
    private static async Task<int> RetriedOnce()
    {
        Mine.Started++;
        if (Mine.BeforeFailure is { } before)
            await before();
        throw new InvalidOperationException("it never works");
    }

    [Step(Limit = "smtp", Retries = 1, Timeout = "30s")]
    private static async Task<string> Leaking()
    {
        if (!Mine.MayComplete)
            await Mine.BeAsync();
        return "done";
    }

    [Step(Limit = "smtp", TotalTimeout = "5m")]
    private static int Total() => 1;

    [Step(Limit = "customer", LimitKey = "{customer}", LimitWeight = 2)]
    private static async Task<int> SendsTo(string customer, int number)
    {
        await Mine.BeAsync();
        return number;
    }

    [Step(Limit = "smtp")]
    private static async Task<int> SmtpThenCustomer(string customer)
    {
        await Mine.BeAsync();
        return await SendsTo(customer, 1);
    }

    [Step(Limit = "customer", LimitKey = "{customer}")]
    private static async Task<int> CustomerThenSmtp(string customer)
    {
        await Mine.BeAsync();
        return await Sends(1);
    }

    [Step(Limit = "smtp")]
    private static async Task<int> Holds() => await Sends(1);

    [Step(Limit = "smtp")]
    private static void Broken() => throw new InvalidOperationException("it is broken");

    private async Task BeAsync()
    {
        lock (_gate)
        {
            Started++;
            Under++;
            Most = Math.Max(Most, Under);
        }

        await _go.WaitAsync();
        lock (_gate)
            Under--;
    }
}
