namespace Fletcher.Engine;

/// <summary>
/// What the calling code runs inside of: the one value that flows with the execution context. It is a
/// <see cref="Scope"/> inside a flow run, a <see cref="HostScope"/> where a host was chosen, a
/// <see cref="StartScope"/> inside <c>Flow.Start</c>, a <see cref="CaptureScope"/> where a client is told which flow to start, and null elsewhere.
/// </summary>
internal abstract class Ambient
{
    private static readonly AsyncLocal<Ambient?> Local = new();

    internal static Ambient? Current
    {
        get => Local.Value;
        set => Local.Value = value;
    }
}
