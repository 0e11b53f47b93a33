using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>A flow run whose method returns a <typeparamref name="T"/>.</summary>
internal sealed class FlowExecution<T>(FletcherHost host, Call<T> call, FlowRunRecord record, FlowExecution? parent, CancellationToken outer = default)
    : FlowExecution(host, call, record, parent, outer)
{
    internal T Result { get; private set; } = default!;

    protected override async ValueTask InvokeAsync(CancellationToken cancellationToken) =>
        Result = await call.InvokeAsync(cancellationToken).ConfigureAwait(false);

    protected override StoredValue? EncodeResult()
    {
        if (typeof(T) == typeof(Nothing))
            return null;
        try
        {
            return Host.Codec.Encode(Result);
        }
        catch (Exception e) when (e is not FletcherException)
        {
            throw ValueErrors.Result(Definition.Id, typeof(T), Result, e);
        }
    }
}
