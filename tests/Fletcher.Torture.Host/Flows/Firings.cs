using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Torture.Effects;

namespace Fletcher.Torture.Flows;

/// <summary>A flow that deployments start. Its step writes a line when it begins and when it returns, with the firing that it is for.</summary>
internal static class Firings
{
    public const string Id = "Firings.Note";

    // Long enough for kills to fall inside a run.
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(20);

    /// <summary>Where the step writes; set before the host takes runs.</summary>
    public static EffectFile? File { get; set; }

    /// <summary>Deploys the flow; here, where calls are intercepted.</summary>
    public static Task DeployAsync(FletcherClient client, DeploymentOptions options) => client.DeployAsync(() => Note(options.Name!, default), options);

    /// <summary>A firing, as the lines and the result of its run say it.</summary>
    public static string Shown(string deployment, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"{deployment} {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFF}Z");

    [Flow(Id = Id)]
    public static async Task<string> Note(string deployment, [ScheduledTime] DateTimeOffset at) => await Write(Shown(deployment, at)).ConfigureAwait(false);

    [Step]
    private static async Task<string> Write(string firing)
    {
        Append(EffectKind.Began, firing);
        await Task.Delay(Wait).ConfigureAwait(false);
        Append(EffectKind.Returned, firing);
        return firing;
    }

    private static void Append(EffectKind kind, string firing) => File!.Append(new Effect
    {
        Kind = kind,
        Seed = 0,
        Root = Flow.Current.RunId.ToString(),
        Run = Flow.Current.RunId.ToString(),
        Path = firing,
        Sequence = Flow.Current.StepSequence,
        Attempt = Flow.Current.StepAttempt,
        Process = Environment.ProcessId,
        Host = "",
        Fence = 0,
        At = EffectFile.Now,
    });
}
