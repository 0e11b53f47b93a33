using System.ComponentModel;
using System.Reflection;
using System.Runtime.InteropServices;
using Fletcher.Diagnosis;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage.Sqlite;
using Fletcher.Terminal;

namespace Fletcher;

/// <summary>
/// The host of a program that did not make one: runs are kept in the per-user SQLite store, shown on the console, and what
/// steps write to the console is kept with them.
/// </summary>
/// <remarks>
/// <para><c>FLETCHER_STORE</c>: the path of another store file, or <c>memory</c>. <c>FLETCHER_RETRY</c>: the run to continue.
/// <c>FLETCHER_CONSOLE</c>: <c>live</c>, <c>plain</c> or <c>off</c>.</para>
/// <para>When the program ends in good order, runs that were started with <c>Flow.Start</c> are waited for. A signal ends it
/// at once; the runs are continued the next time.</para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ProgramHost
{
    private const string StoreVariable = "FLETCHER_STORE";
    private const string RetryVariable = "FLETCHER_RETRY";

    /// <summary>Makes the host. Called by the engine, by name, at a program's first flow.</summary>
    public static FletcherHost Create()
    {
        var said = new Said();
        try
        {
            var options = new FletcherOptions { CaptureConsole = true, Retry = ReadRetry() };
            if (string.Equals(Environment.GetEnvironmentVariable(StoreVariable), "memory", StringComparison.OrdinalIgnoreCase))
                options.UseMemory();
            else
                options.UseSqlite();
            options.UseConsole();

            var host = new FletcherHost(options);
            EndWithProcess(host, said);
            return host;
        }
        finally
        {
            // Behind the console's own handler, which ends the program when it has explained the failure.
            AppDomain.CurrentDomain.UnhandledException += (_, e) => EndWithOwnError(e.ExceptionObject as Exception, said);
        }
    }

    /// <summary>
    /// Fletcher's own errors say what happened and what to do; the runtime's stack trace would only hide it. Anything else is
    /// left to the runtime.
    /// </summary>
    private static void EndWithOwnError(Exception? error, Said said)
    {
        while (error is TargetInvocationException or TypeInitializationException or AggregateException { InnerExceptions.Count: 1 })
            error = error.InnerException;
        if (error is not FletcherException)
            return;

        said.Say(error.Message);
        if (error is FletcherUsageException && StackFrames.FindOwn(ErrorCapture.Capture(error)) is { } place)
            Console.Error.WriteLine($"  at {place.Member}  {place.Location}");
        Environment.Exit(1);
    }

    private static RunId? ReadRetry()
    {
        var text = Environment.GetEnvironmentVariable(RetryVariable)?.Trim();
        if (string.IsNullOrEmpty(text))
            return null;
        return RunId.TryParse(text, out var run) ? run : throw new FletcherUsageException(
            "FLT1406", $"{RetryVariable} is '{text}', which is not a run id: expected 26 letters and digits, as a failed run prints them.");
    }

    private static void EndWithProcess(FletcherHost host, Said said)
    {
        var isKilled = false;
        var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => isKilled = true);
        AppDomain.CurrentDomain.UnhandledException += (_, _) => isKilled = true;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            signal.Dispose();
            try
            {
                // Asked to go, it goes: what is under way stays open in the store and is continued by the next start.
                if (isKilled)
                    host.FlushAsync().AsTask().Wait(TimeSpan.FromSeconds(5));
                else
                    EndAsync(host).GetAwaiter().GetResult();
            }
            catch (StoreUnavailableException e)
            {
                said.Say(e.Message);
            }
            catch (AggregateException e)
            {
                said.Say(e.InnerException!.Message);
            }
        };
    }

    private static async Task EndAsync(FletcherHost host)
    {
        await host.DrainAsync(CancellationToken.None).ConfigureAwait(false);
        await host.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A store that is gone fails the run and then the closing: that is one message to a person.</summary>
    private sealed class Said
    {
        private string? _last;

        internal void Say(string message)
        {
            if (Interlocked.Exchange(ref _last, message) != message)
                Console.Error.WriteLine(message);
        }
    }
}
