namespace Fletcher.Protection;

/// <summary>The directory that has the keys.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Source">Who says so, for people.</param>
internal sealed record KeyDirectory(string Path, string Source)
{
    private const string Variable = "FLETCHER_KEYS";

    internal bool Exists => Directory.Exists(Path);

    /// <summary>The one that an option or the environment names; null when neither does.</summary>
    internal static KeyDirectory? Named(string? option) =>
        !string.IsNullOrWhiteSpace(option) ? new KeyDirectory(System.IO.Path.GetFullPath(option), "FletcherOptions.SecretKeys")
        : Environment.GetEnvironmentVariable(Variable) is { } named && !string.IsNullOrWhiteSpace(named) ? new KeyDirectory(System.IO.Path.GetFullPath(named), Variable)
        : null;

    /// <summary>Where Data Protection itself has a user's keys.</summary>
    /// <exception cref="FletcherUsageException">The user has no home directory.</exception>
    internal static KeyDirectory Default()
    {
        var home = Environment.GetFolderPath(OperatingSystem.IsWindows() ? Environment.SpecialFolder.LocalApplicationData : Environment.SpecialFolder.UserProfile);
        if (home.Length == 0)
            throw new FletcherUsageException("FLT1816", $"Secrets need a directory for their keys, and this user has no home directory to have it in. Name one in {Variable} or FletcherOptions.SecretKeys.");
        return new KeyDirectory(System.IO.Path.Combine(home, OperatingSystem.IsWindows() ? "ASP.NET" : ".aspnet", "DataProtection-Keys"), "the default");
    }

    /// <summary>Makes it, for its owner alone. One that is there stays as it is.</summary>
    internal void Create()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path);
        else
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
