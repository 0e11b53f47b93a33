namespace Fletcher.Hosting;

/// <summary>
/// The host of a program that did not make one. It is the one piece of static state besides
/// <see cref="Engine.Ambient"/>: a flow that is called as a plain method has no other way to find it.
/// </summary>
internal static class AmbientHost
{
    private static readonly Lock Gate = new();
    private static FletcherHost? _host;

    /// <summary>The process's host, made at the first call by the package Fletcher.</summary>
    internal static FletcherHost Get()
    {
        if (Volatile.Read(ref _host) is { } host)
            return host;
        lock (Gate)
            return _host ??= Create();
    }

    /// <summary>Whether this is the process's host now.</summary>
    internal static bool Is(FletcherHost host) => ReferenceEquals(Volatile.Read(ref _host), host);

    /// <summary>Makes an application's host the process's own.</summary>
    /// <returns>The host before, to be put back.</returns>
    internal static FletcherHost? Set(FletcherHost? host)
    {
        lock (Gate)
            return Interlocked.Exchange(ref _host, host);
    }

    private static FletcherHost Create()
    {
        // The core knows no store and no console. The package that people install does, and is found by name.
        var factory = Type.GetType("Fletcher.ProgramHost, Fletcher")?.GetMethod("Create", []);
        return factory?.CreateDelegate<Func<FletcherHost>>().Invoke() ?? throw new FletcherUsageException(
            "FLT1405",
            "A flow was called, and there is no host to run it. Reference the package Fletcher, or call the flow inside "
            + "FletcherHost.RunAsync, or add services.AddFletcher(…) and start the application's host first.");
    }
}
