using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>
/// A value that a flow body gets from outside (the time, chance) and that must be the same when the body is executed
/// again: a step run without inputs that nobody is shown.
/// </summary>
internal sealed class RememberedValue<T>(Scope caller, ValueCall<T> call) : StepExecution<T>(caller, call)
{
    protected override bool HasNoEffect => true;

    protected override bool IsShown => false;

    protected override bool IsPositional => true;

    /// <summary>The value: remembered inside a flow, fresh elsewhere.</summary>
    internal static T Get(StepDefinition definition, Func<T> read) =>
        Ambient.Current is Scope ? Get(definition, _ => new ValueTask<T>(read())) : read();

    /// <summary>The value, inside a flow; the thread is blocked until it is there.</summary>
    internal static T Get(StepDefinition definition, Func<CancellationToken, ValueTask<T>> read)
    {
        var value = new RememberedValue<T>((Scope)Ambient.Current!, new ValueCall<T>(definition, read)) { IsBlocking = true };
        var pending = value.ExecuteAsync();
        if (!pending.IsCompletedSuccessfully) // the caller blocks: a run that was left throws
            pending.AsTask().GetAwaiter().GetResult();
        return value.Result;
    }

    /// <summary>The value, inside a flow.</summary>
    internal static async ValueTask<T> GetAsync(Scope scope, StepDefinition definition, Func<CancellationToken, ValueTask<T>> read)
    {
        var value = new RememberedValue<T>(scope, new ValueCall<T>(definition, read));
        await value.ExecuteAsync().ConfigureAwait(false);
        return value.Result;
    }

    protected override async ValueTask RunAttemptsAsync()
    {
        _startedAt = Run.Host.Now;
        Attempt = 1;
        await InvokeAsync(Caller.Token).ConfigureAwait(false);
        Commit(Record(Model.StepRunState.Completed, _startedAt, EncodeResult()));
    }
}

/// <summary>Reads the value.</summary>
internal sealed class ValueCall<T>(StepDefinition definition, Func<CancellationToken, ValueTask<T>> read) : Call<T>(definition, Nowhere)
{
    private static readonly CallSite Nowhere = new(0, "", 0);

    protected internal override ValueTask<T> InvokeAsync(CancellationToken cancellationToken) => read(cancellationToken);
}
