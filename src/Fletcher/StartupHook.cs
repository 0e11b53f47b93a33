using System.Runtime.InteropServices;
using System.Text;
using Fletcher;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

#pragma warning disable CA1050 // .NET looks for a type of this name outside of any namespace.

/// <summary>
/// Executes one run of a plain program in a process of its own, or the flow that <c>fletcher run</c> names. .NET calls it before the program's first statement (<c>DOTNET_STARTUP_HOOKS</c>), and the process ends here:
/// the statements of the program are not executed.
/// </summary>
internal static class StartupHook
{
    /// <summary>Called by .NET.</summary>
    public static void Initialize()
    {
        if (IsolatedRun.Read(ProcessStart.Hook) is { } order)
            ExecuteAndExit(order);
        else
            CallAndExit();
    }

    private static void ExecuteAndExit(IsolatedRun order)
    {
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

    // The flow fails as it does in the program's own statements: the host of the program explains it.
    private static void CallAndExit()
    {
        const int wrongUsage = 2;
        FletcherHost host;
        Call call;
        try
        {
            if (AskedFlow.Take() is not { } asked)
                return;
            host = AmbientHost.Get();
            call = asked.Prepare(host);
        }
        catch (FletcherUsageException e)
        {
            Console.Error.WriteLine(e.Message);
            Environment.Exit(wrongUsage);
            return;
        }

        if (call.CallAsync(host).GetAwaiter().GetResult() is { Format: ValueFormat.Json or ValueFormat.Text, Content: { } content })
            Console.WriteLine(Encoding.UTF8.GetString(content));
        Environment.Exit(0);
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
