using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Effects;

/// <summary>One execution of a random flow by a host: under which fence of the outermost run it has it. Steps write their lines through it.</summary>
internal sealed record Lease(EffectFile File, ulong Seed, string Root, Guid Host, long Fence)
{
    // Set by the flow's body, and seen by all that it calls.
    private static readonly AsyncLocal<Lease?> Local = new();

    public static Lease Current
    {
        get => Local.Value ?? throw new InvalidOperationException("The code does not run inside a random flow.");
        set => Local.Value = value;
    }

    /// <summary>Writes a line about the step that the calling code is the body of.</summary>
    public void Write(EffectKind kind, Node node, ulong input, string receipt = "") => File.Append(new Effect
    {
        Kind = kind,
        Seed = Seed,
        Root = Root,
        Run = Flow.Current.RunId.ToString(),
        Path = node.Path,
        Sequence = Flow.Current.StepSequence,
        Attempt = Flow.Current.StepAttempt,
        Process = Environment.ProcessId,
        Host = Host.ToString(),
        Fence = Fence,
        Input = input,
        Receipt = receipt,
        At = EffectFile.Now,
    });
}
