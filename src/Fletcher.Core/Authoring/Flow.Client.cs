using Fletcher.Engine;
using Fletcher.Hosting;

namespace Fletcher;

public static partial class Flow
{
    /// <summary>
    /// Sends signals to runs, answers questions, cancels and the like, through the host that this code runs on: inside a flow that of the run, else the process's own. It opens
    /// the host's store at its first use.
    /// </summary>
    /// <exception cref="FletcherUsageException">There is no host: the program does not reference the package Fletcher, and has not made one.</exception>
    public static FletcherClient Client => CurrentHost.Client;

    internal static FletcherHost CurrentHost =>
        (Ambient.Current as Scope)?.Run.Host ?? (Ambient.Current as HostScope)?.Host ?? AmbientHost.Get();
}
