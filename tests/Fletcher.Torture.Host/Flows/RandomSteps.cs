using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Flows;

/// <summary>The steps of random flows. Each node of a plan is a call of one of them; its path is the name of the step run.</summary>
internal static class RandomSteps
{
    /// <summary>What a step of a fan-out is given.</summary>
    internal sealed record Given(ulong Seed, string Path, ulong Input);

    [Step(Name = "{path}")]
    public static Task<Folded> Work(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{given.Path}")]
    public static Task<Folded> Item(Given given, CancellationToken cancellationToken) =>
        Body.RunAsync(given.Seed, given.Path, given.Input, cancellationToken);

    [Step(Name = "{path}", ReadOnly = true)]
    public static Task<Folded> Read(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{path}", Retries = 3, Backoff = "1ms, 20ms, 50ms")]
    public static Task<Folded> Flaky(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{path}", Delivery = Delivery.AtMostOnce)]
    public static Task<Folded> Once(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{path}", Delivery = Delivery.AtMostOnce, Retries = 3, Backoff = "5ms")]
    public static Task<Folded> OnceFlaky(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{path}", Retries = 3, Backoff = "2ms")]
    public static Task<Folded> Outer(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{path}", Delivery = Delivery.AtMostOnce)]
    public static Task<Folded> OuterOnce(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    // Where strands of one body race (Task.WhenAll), which call from one place comes first is up to chance. After a crash one is then
    // taken for another one that has drifted; a step that runs at most once would stop the flow for it (FLT1303).
    [Step(Name = "{path}", Delivery = Delivery.AtMostOnce, OnDrift = OnDrift.Rerun)]
    public static Task<Folded> OnceInRace(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    /// <inheritdoc cref="OnceInRace"/>
    [Step(Name = "{path}", Delivery = Delivery.AtMostOnce, Retries = 3, Backoff = "5ms", OnDrift = OnDrift.Rerun)]
    public static Task<Folded> OnceFlakyInRace(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    /// <inheritdoc cref="OnceInRace"/>
    [Step(Name = "{path}", Delivery = Delivery.AtMostOnce, OnDrift = OnDrift.Rerun)]
    public static Task<Folded> OuterOnceInRace(ulong seed, string path, ulong input, CancellationToken cancellationToken) =>
        Body.RunAsync(seed, path, input, cancellationToken);

    [Step(Name = "{path}")]
    public static async Task<byte[]> Large(ulong seed, string path, ulong input, CancellationToken cancellationToken)
    {
        var done = await Body.RunAsync(seed, path, input, cancellationToken).ConfigureAwait(false);
        return LargeContent.Bytes(done.Value);
    }

    [Step(Name = "{path}")]
    public static async Task<string> LargeText(ulong seed, string path, ulong input, CancellationToken cancellationToken)
    {
        var done = await Body.RunAsync(seed, path, input, cancellationToken).ConfigureAwait(false);
        return LargeContent.Text(done.Value);
    }

    /// <summary>Is given what the flow must remember: in every execution the same.</summary>
    [Step(Name = "{path}")]
    public static async Task<Folded> Remembers(ulong seed, string path, ulong input, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var remembered = Dice.Mix((ulong)id.GetHashCode(), (ulong)now.UtcTicks);
        await Body.RunAsync(seed, path, remembered, cancellationToken).ConfigureAwait(false);
        return Folded.Done(Plan.Of(seed)[path], input);
    }
}
