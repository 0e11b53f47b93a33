using Fletcher.Hosting;

namespace Fletcher.Engine;

/// <summary>Flows called inside run on this host instead of the process's own.</summary>
internal sealed class HostScope(FletcherHost host) : Ambient
{
    internal FletcherHost Host { get; } = host;
}
