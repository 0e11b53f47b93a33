namespace Fletcher.EndToEnd.Running;

/// <summary>Where things are in the repository that the tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The program with the scenarios, built beside the tests.</summary>
    public static string Programs { get; } = Built("Fletcher.EndToEnd.Programs");

    /// <summary>The command <c>fletcher</c>.</summary>
    public static string Tool { get; } = Built("Fletcher.Cli");

    /// <summary>The workload runner, built beside the tests.</summary>
    public static string Bench { get; } = Built("Fletcher.Bench");

    /// <summary>The command <c>fletcher</c>, built beside the tests.</summary>
    public static string Command { get; } = Built("Fletcher.Cli");

    private static string Built(string project) => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", project,
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), project));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Fletcher.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside the repository.");
    }
}
