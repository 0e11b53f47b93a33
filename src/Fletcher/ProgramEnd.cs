using System.Runtime.InteropServices;
using Fletcher.Diagnosis;
using Fletcher.Hosting;

namespace Fletcher;

/// <summary>
/// Ends a program's host with its process: in good order after its runs, or at once when the process is told to go or
/// fails. What is under way then stays open in the store, and the next start continues it.
/// </summary>
internal sealed class ProgramEnd
{
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    private readonly PosixSignalRegistration _signal;
    private volatile bool _isHurried;
    private string? _told;

    internal ProgramEnd()
    {
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => _isHurried = true);
        AppDomain.CurrentDomain.UnhandledException += (_, _) => _isHurried = true;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>The host to end; null while there is none.</summary>
    internal FletcherHost? Host { get; set; }

    /// <summary>
    /// Fletcher's own errors say what happened and what to do; the runtime's stack trace would only bury it. Anything else is
    /// left to the runtime.
    /// </summary>
    internal void TellOwnErrors() => AppDomain.CurrentDomain.UnhandledException += (_, e) =>
    {
        var error = e.ExceptionObject as Exception;
        while (error is TypeInitializationException or AggregateException { InnerExceptions.Count: 1 })
            error = error.InnerException;
        if (error is not FletcherException)
            return;

        Tell(error.Message);
        if (error is FletcherUsageException && StackFrames.FindOwn(ErrorCapture.Capture(error)) is { } place)
            Console.Error.WriteLine($"  at {place.Member}  {place.Location}");
        Environment.Exit(1);
    };

    private void OnProcessExit(object? sender, EventArgs e)
    {
        _signal.Dispose();
        try
        {
            if (Host is not { } host)
                return;
            if (_isHurried)
                host.FlushAsync().AsTask().Wait(FlushLimit);
            else
                EndAsync(host).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is StoreUnavailableException or AggregateException)
        {
            Tell(error is StoreUnavailableException ? error.Message : error.InnerException!.Message);
        }
    }

    /// <summary>A store that is gone fails the run and then the closing: that is one message to a person.</summary>
    private void Tell(string message)
    {
        if (Interlocked.Exchange(ref _told, message) != message)
            Console.Error.WriteLine(message);
    }

    private static async Task EndAsync(FletcherHost host)
    {
        await host.DrainAsync(CancellationToken.None).ConfigureAwait(false);
        await host.DisposeAsync().ConfigureAwait(false);
    }
}
