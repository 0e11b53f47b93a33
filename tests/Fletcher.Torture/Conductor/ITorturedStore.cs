namespace Fletcher.Torture.Conductor;

/// <summary>The store that the hosts share, and what is done to it meanwhile.</summary>
internal interface ITorturedStore : IAsyncDisposable
{
    /// <summary>Where it is, for the conductor.</summary>
    string Place { get; }

    /// <summary>Where it is for the hosts, whose way to it may be troubled.</summary>
    string PlaceForHosts { get; }

    /// <summary>Whether this process is where nobody else can write: stopped there, it would stop all others.</summary>
    bool IsLockedBy(int process);

    /// <summary>Ends what is done to it.</summary>
    Task CalmAsync();

    /// <summary>Leaves what it has in the folder, for whoever looks into a violation.</summary>
    Task KeepAsync(string folder);

    /// <summary>Whether its own data agree: "ok", or what is wrong.</summary>
    Task<string> CheckAsync();
}
