using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Fletcher.EndToEnd.Programs;

/// <summary>Flows whose runs have processes of their own, and what may happen to those.</summary>
internal static class Isolated
{
    private static bool IsWell => Environment.GetEnvironmentVariable("WELL") is not null;

    [Flow(Isolation = Isolation.Process)]
    public static string Answers(string name)
    {
        var pid = Pid();
        Console.WriteLine("the body writes");
        return $"{name} {pid} {Environment.GetEnvironmentVariable("DOTNET_STARTUP_HOOKS") ?? "-"} {Environment.GetEnvironmentVariable("FLETCHER_ISOLATED_RUN") ?? "-"}";
    }

    [Flow(Isolation = Isolation.Process)]
    public static string Throws() => Stumble("over a stone");

    /// <summary>Its process goes away, in one of several ways, unless all is well.</summary>
    [Flow(Isolation = Isolation.Process)]
    public static string Dies(string how)
    {
        var pid = Pid();
        Die(how);
        return $"died of {how}, went on with {(pid == Environment.ProcessId ? "itself" : "another")}";
    }

    [Flow(Isolation = Isolation.Process, MemoryLimit = "160 MiB")]
    public static string Eats(bool isManaged) => Eat(isManaged);

    [Flow(Isolation = Isolation.Process, Timeout = "3s")]
    public static string Overruns(bool isFrozen) => Overrun(isFrozen);

    [Flow(Isolation = Isolation.Process)]
    public static async Task<string> Works()
    {
        Pid();
        await Work();
        return "done";
    }

    [Flow(Isolation = Isolation.Process)]
    public static async Task<string> WorksUntil(CancellationToken cancellationToken)
    {
        await Work(cancellationToken);
        return "done";
    }

    [Flow(Isolation = Isolation.Process)]
    public static Task WaitsFor(string file) => Appears(file);

    [Flow(Isolation = Isolation.Process)]
    public static Task AlsoWaitsFor(string file) => Appears(file);

    [Flow]
    public static async Task LetsGo(string file) => await File.WriteAllTextAsync(file, "");

    [Flow(Isolation = Isolation.Process)]
    public static async Task<int> TakesTurns(int number)
    {
        Console.WriteLine($"begins {number}");
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        Console.WriteLine($"ends {number}");
        return number;
    }

    [Flow]
    public static string Outer() => $"{Answers("inner")} {Environment.ProcessId}";

    /// <summary>Waits for longer than it stays in memory.</summary>
    [Flow(Isolation = Isolation.Process)]
    public static async Task<string> Parks()
    {
        var first = Pid();
        await Flow.Sleep(TimeSpan.FromSeconds(2));
        return first == Environment.ProcessId ? "the same process" : "another process";
    }

    [Step]
    private static async Task Appears(string file)
    {
        while (!File.Exists(file))
            await Task.Delay(TimeSpan.FromMilliseconds(10));
    }

    [Step]
    private static int Pid()
    {
        Console.WriteLine($"pid {Environment.ProcessId}");
        return Environment.ProcessId;
    }

    [Step]
    private static string Stumble(string what)
    {
        Console.WriteLine("about to stumble");
        throw new InvalidOperationException($"stumbled {what}");
    }

    [Step]
    private static void Die(string how)
    {
        Console.WriteLine("last words");
        Console.Error.WriteLine("last error");
        if (IsWell)
            return;
        switch (how)
        {
            case "exit":
                Environment.Exit(3);
                break;
            case "kill":
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
                break;
            case "exception":
                var thread = new Thread(() => throw new NotSupportedException("nobody catches it"));
                thread.Start();
                thread.Join();
                break;
            default:
                throw new ArgumentException($"There is no death '{how}'.", nameof(how));
        }
    }

    [Step]
    private static unsafe string Eat(bool isManaged)
    {
        Console.WriteLine("eats");
        var plates = new List<byte[]>();
        while (!IsWell)
        {
            if (isManaged)
            {
                plates.Add(new byte[1024 * 1024]);
                continue;
            }

            var plate = NativeMemory.Alloc(1024 * 1024);
            NativeMemory.Fill(plate, 1024 * 1024, 1);
            Thread.Sleep(1);
        }

        return $"full {plates.Count}";
    }

    [Step]
    private static string Overrun(bool isFrozen)
    {
        Console.WriteLine("overruns");
        if (isFrozen)
            Process.Start("kill", ["-STOP", $"{Environment.ProcessId}"]).WaitForExit();
        Thread.Sleep(Timeout.Infinite);
        return "never";
    }

    [Step]
    private static async Task Work(CancellationToken cancellationToken = default)
    {
        Console.WriteLine("works");
        if (IsWell)
            return;
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        finally
        {
            Console.WriteLine("told to stop");
        }
    }
}
