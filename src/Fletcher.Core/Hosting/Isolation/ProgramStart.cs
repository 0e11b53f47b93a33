using System.Diagnostics;

namespace Fletcher.Hosting;

/// <summary>Starts the program of this process once more.</summary>
internal static class ProgramStart
{
    /// <summary>A process of the same program with the same arguments, with its input and output in our hands. Not started yet.</summary>
    internal static Process Prepare()
    {
        var info = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet", Arguments())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new Process { StartInfo = info };
    }

    private static IEnumerable<string> Arguments()
    {
        // The kernel has the line as it was, with what "dotnet exec" itself was told.
        if (OperatingSystem.IsLinux())
            return File.ReadAllText("/proc/self/cmdline")[..^1].Split('\0').Skip(1);
        var line = Environment.GetCommandLineArgs();
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? line : line.Skip(1);
    }
}
