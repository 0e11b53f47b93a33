using System.Runtime.InteropServices;
using Fletcher;
using Fletcher.Hosting;

#pragma warning disable CA1050 // .NET looks for a type of this name outside of any namespace.

/// <summary>
/// Executes one run of a plain program in a process of its own. .NET calls it before the program's first statement (<c>DOTNET_STARTUP_HOOKS</c>), and the process ends here: the statements of the program are its parent's.
/// </summary>
internal static class StartupHook
{
    /// <summary>Called by .NET.</summary>
    public static void Initialize()
    {
        if (IsolatedRun.Read(ProcessStart.Hook) is not { } order)
            return;
        var code = 0;
        try
        {
            Execute(order).GetAwaiter().GetResult();
        }
        catch (FletcherException e)
        {
            Console.Error.WriteLine(e.Message);
            code = 1;
        }

        Environment.Exit(code);
    }

    private static async Task Execute(IsolatedRun order)
    {
        var stop = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopBy);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopBy);
        var options = ProgramHost.CreateOptions();
        options.MakeFor(order);
        var host = new FletcherHost(options);
        AmbientHost.Set(host);
        await new RunForParent(host, order).ExecuteAsync(Task.WhenAny(ParentWatch.Start(), stop.Task).Unwrap()).ConfigureAwait(false);

        void StopBy(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult($"its own process was told to stop ({context.Signal})");
        }
    }
}
