using System.Runtime.InteropServices;

namespace Fletcher.EndToEnd.Programs;

/// <summary>Flows that are under way when their program is told to stop.</summary>
internal static class Stopping
{
    private static bool IsWell => Environment.GetEnvironmentVariable("WELL") is not null;

    [Flow]
    public static async Task<string> Works()
    {
        var first = await Begin();
        try
        {
            await Work();
        }
        finally
        {
            Console.WriteLine("cleaned up");
        }

        return first;
    }

    [Flow]
    public static async Task<string> Hangs()
    {
        var first = await Begin();
        await Hang();
        return first;
    }

    [Flow]
    public static async Task<string> Sleeps()
    {
        var first = await Begin();
        Console.WriteLine("sleeps");
        await Flow.Sleep(IsWell ? TimeSpan.Zero : TimeSpan.FromHours(1));
        return first;
    }

    [Flow(OnRerun = OnRerun.New)]
    public static async Task<string> Anew() => await Works();

    /// <summary>Runs once, whichever process does it.</summary>
    [Flow(Once = "the work")]
    public static async Task<string> WorksOnce() => await Works();

    /// <summary>A program that takes every failure for one of many, and goes on.</summary>
    public static async Task GoesOn()
    {
        while (true)
        {
            try
            {
                await Works();
            }
            catch (Exception e)
            {
                Console.WriteLine("caught " + e.GetType().Name);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>A program that has its own way to stop.</summary>
    public static async Task<string> HasItsOwnWay()
    {
        using var own = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = End());
        Console.CancelKeyPress += (_, e) => e.Cancel = End();
        return await Polls();
    }

    private static bool End()
    {
        Environment.SetEnvironmentVariable("WELL", "yes");
        Console.WriteLine("its own way");
        return true;
    }

    [Flow]
    public static async Task<string> Polls()
    {
        var first = await Begin();
        await Poll();
        return first;
    }

    [Step]
    private static Task<string> Begin()
    {
        Console.WriteLine("begun");
        return Task.FromResult("done");
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

    [Step]
    private static async Task Hang()
    {
        Console.WriteLine("hangs");
        if (!IsWell)
            await new TaskCompletionSource().Task;
    }

    [Step]
    private static async Task Poll(CancellationToken cancellationToken = default)
    {
        Console.WriteLine("polls");
        while (!IsWell)
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
    }
}
