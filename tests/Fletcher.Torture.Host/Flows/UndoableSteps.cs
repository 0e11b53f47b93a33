using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Flows;

/// <summary>The steps of random flows that have an undo.</summary>
internal static class UndoableSteps
{
    [Step(Name = "{path}", Undo = nameof(Release))]
    public static Task<Reserved> Reserve(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{path}", Delivery = Delivery.AtMostOnce, Undo = nameof(Release))]
    public static Task<Reserved> ReserveOnce(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{path}", Undo = nameof(ReleaseOnce))]
    public static Task<Reserved> ReserveUndoOnce(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{path}", Retries = 3, Backoff = "2ms", Undo = nameof(Release))]
    public static Task<Reserved> OuterReserve(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "undo {path}", Retries = 3, Backoff = "1ms, 20ms, 50ms")]
    public static Task Release(ulong seed, string path, ulong input, Reserved reserved, CancellationToken cancellationToken) =>
        UndoBody.RunAsync(seed, path, input, reserved, cancellationToken);

    [Step(Name = "undo {path}", Delivery = Delivery.AtMostOnce, Retries = 3, Backoff = "5ms")]
    public static Task ReleaseOnce(ulong seed, string path, ulong input, Reserved reserved, CancellationToken cancellationToken) =>
        UndoBody.RunAsync(seed, path, input, reserved, cancellationToken);

    private static async Task<Reserved> RunAsync(ulong seed, string path, ulong input, CancellationToken cancellationToken)
    {
        var receipt = Guid.NewGuid().ToString("N");
        var done = await Body.RunAsync(seed, path, input, cancellationToken, receipt).ConfigureAwait(false);
        return new Reserved(done, Lease.Current.Root, receipt);
    }
}
