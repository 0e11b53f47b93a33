using System.Diagnostics;

namespace Fletcher.Trouble;

/// <summary>A small file system in memory, where this user may mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    internal string Database => Path.Combine(_folder, "store.db");

    internal static SmallDisk Mount(string megabytes)
    {
        var folder = Directory.CreateTempSubdirectory("fletcher-disk-").FullName;
        if (OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder))
            return new SmallDisk(folder);
        Directory.Delete(folder);
        Assert.Skip("This user may not mount a file system in memory.");
        return null!;
    }

    /// <summary>Mounts it again with other options.</summary>
    internal void Remount(string options) => Assert.True(Run("mount", "-o", "remount," + options, _folder));

    public void Dispose()
    {
        Run("umount", "-l", _folder);
        Directory.Delete(_folder);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
