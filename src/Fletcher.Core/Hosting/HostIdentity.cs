using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>Who this process is, so that another one can tell whether it still lives.</summary>
internal static class HostIdentity
{
    /// <summary>The version of the program that runs: what its author calls it, and which build it is.</summary>
    internal static string? EntryVersion { get; } = ReadEntryVersion();

    internal static HostRecord Create(TimeProvider time)
    {
        var now = time.GetUtcNow();
        var group = DeathNote.ReadControlGroup();
        return new HostRecord
        {
            Id = Guid.CreateVersion7(now),
            Machine = Environment.MachineName,
            Boot = ReadBoot(),
            ProcessId = Environment.ProcessId,
            ProcessStart = StartOf(Environment.ProcessId) ?? 0,
            StartedAt = now,
            HeartbeatAt = now,
            ControlGroup = group,
            OutOfMemoryKills = DeathNote.ReadOutOfMemoryKills(group),
        };
    }

    /// <summary>Whether the two run on one machine, where process ids can be compared.</summary>
    internal static bool IsSameMachine(HostRecord host, HostRecord self) => host.Machine == self.Machine && host.Boot == self.Boot;

    /// <summary>Whether the process of a host on this machine is there; it may be stalled.</summary>
    internal static bool IsProcessThere(HostRecord host) => StartOf(host.ProcessId) == host.ProcessStart;

    private static string ReadBoot()
    {
        // Process ids mean nothing in another boot, or in another container on the same kernel.
        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            var space = new FileInfo("/proc/self/ns/pid").LinkTarget;
            return $"{boot} {space}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>When a process started, in the operating system's own count; null when there is none.</summary>
    private static long? StartOf(int processId)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // Field 22, counted behind the name, which may itself hold blanks and brackets. A zombie is dead.
                var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
            }

            using var process = Process.GetProcessById(processId);
            return process.StartTime.Ticks;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? ReadEntryVersion()
    {
        if (Assembly.GetEntryAssembly() is not { } entry)
            return null;
        var version = entry.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return $"{version} ({entry.ManifestModule.ModuleVersionId.ToString("N")[..8]})";
    }
}
