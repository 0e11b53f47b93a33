using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>Says how a host died, as far as somebody else can know.</summary>
internal static class DeathNote
{
    private const string ControlGroups = "/sys/fs/cgroup";

    /// <summary>The control group of this process; null where there is none.</summary>
    internal static string? ReadControlGroup()
    {
        // One line in version 2: "0::/path".
        var line = Read("/proc/self/cgroup")?.Split('\n').FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal));
        return line?[3..];
    }

    /// <summary>How many processes of a control group the kernel has killed for lack of memory; 0 where that cannot be read.</summary>
    internal static long ReadOutOfMemoryKills(string? controlGroup)
    {
        if (controlGroup is null)
            return 0;
        var events = Read($"{ControlGroups}{controlGroup}/memory.events");
        var kills = events?.Split('\n').FirstOrDefault(line => line.StartsWith("oom_kill ", StringComparison.Ordinal));
        return kills is not null && long.TryParse(kills[9..], CultureInfo.InvariantCulture, out var count) ? count : 0;
    }

    /// <summary>How the host ended, in one sentence.</summary>
    /// <param name="host">The host.</param>
    /// <param name="self">The host that asks.</param>
    /// <param name="silence">For how long it was seen to be silent; null when its process is gone.</param>
    internal static string Write(HostRecord host, HostRecord self, TimeSpan? silence)
    {
        var who = string.Create(CultureInfo.InvariantCulture, $"its host (process {host.ProcessId} on {host.Machine})");
        if (host.EndReason is { } reason)
            return $"{who} ended without it: {reason}";
        if (silence is { } length)
            return string.Create(CultureInfo.InvariantCulture, $"{who} has been silent for {length.TotalSeconds:0} s");
        if (host.Machine == self.Machine && ReadOutOfMemoryKills(host.ControlGroup) > host.OutOfMemoryKills)
            return $"{who} is gone; the kernel killed a process of its control group for lack of memory meanwhile";
        return $"{who} is gone{HowItExited(host)}";
    }

    /// <summary>What the exit code of a child process says; .NET gives 128 and the number for a signal, as shells do.</summary>
    internal static string SayExit(int code) => code is > 128 and <= 128 + 64
        ? string.Create(CultureInfo.InvariantCulture, $"was killed by signal {code - 128}{NameOf(code - 128)}")
        : string.Create(CultureInfo.InvariantCulture, $"exited with code {code}");

    private static string NameOf(int signal) => signal switch
    {
        1 => " (SIGHUP)",
        2 => " (SIGINT)",
        3 => " (SIGQUIT)",
        4 => " (SIGILL)",
        6 => " (SIGABRT: .NET ends so after an unhandled exception, or when it has no memory)",
        7 => " (SIGBUS)",
        8 => " (SIGFPE)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV: code that is not of .NET, or a stack that is full)",
        15 => " (SIGTERM)",
        _ => "",
    };

    /// <summary>A process that nobody has reaped yet still has its exit code.</summary>
    private static string HowItExited(HostRecord host)
    {
        var stat = Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{host.ProcessId}/stat"));
        if (stat is null)
            return "";
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        if (fields[0] != "Z" || !int.TryParse(fields[^1], CultureInfo.InvariantCulture, out var status) || status == 0)
            return "";
        var signal = status & 0x7f;
        return signal != 0
            ? string.Create(CultureInfo.InvariantCulture, $": it was killed by signal {signal}")
            : string.Create(CultureInfo.InvariantCulture, $": it exited with code {status >> 8}");
    }

    private static string? Read(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).TrimEnd('\n') : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
