using System.Text.Json;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>A step run whose method returns a <typeparamref name="T"/>.</summary>
internal abstract class StepExecution<T>(Scope caller, Call<T> call) : StepExecution(caller, call)
{
    /// <summary>What the method returned.</summary>
    internal T Result { get; private protected set; } = default!;

    protected override ValueTask InvokeAsync(CancellationToken cancellationToken)
    {
        var pending = call.InvokeAsync(cancellationToken);
        if (!pending.IsCompletedSuccessfully)
            return KeepAsync(pending);
        Result = pending.Result;
        return ValueTask.CompletedTask;
    }

    protected override StoredValue? EncodeResult()
    {
        if (typeof(T) == typeof(Nothing))
            return null;
        try
        {
            var stored = Run.Host.Codec.Encode(Result);
            if (!typeof(T).IsValueType && Result is { } value)
                Run.Results.Track(value, Sequence, stored, stored.Format == ValueFormat.Protected ? Run.Host.Codec.Hash(Result, null, 0).Hash : stored.Hash);
            return stored;
        }
        catch (Exception e) when (e is not FletcherException)
        {
            throw ValueErrors.Result(Id, typeof(T), Result, e);
        }
    }

    protected override void DecodeResult(StoredValue stored, ReadOnlyMemory<byte> content)
    {
        try
        {
            Result = Run.Host.Codec.Decode<T>(stored.Format, content);
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException or InvalidCastException)
        {
            throw ValueErrors.Stored(Id, typeof(T), e);
        }

        if (typeof(T).IsValueType || Result is not { } value)
            return;

        // A type that does not survive the round trip unchanged has another hash now than when it was stored.
        var live = stored.Length <= ResultTracker.TrustedLength
            ? Run.Host.Codec.Hash(Result, null, 0).Hash
            : stored.Hash;
        Run.Results.Track(value, Sequence, stored, live);
    }

    private async ValueTask KeepAsync(ValueTask<T> pending) => Result = await pending.ConfigureAwait(false);
}
