using Fletcher.Diagnosis;
using Fletcher.Hosting;
using Fletcher.Masking;

namespace Fletcher;

/// <summary>
/// Ends a program's host with its process: in good order after its runs, or at once when the program fails or a person is in a hurry.
/// What is under way then stays open in the store, and the next start continues it.
/// </summary>
internal sealed class ProgramEnd
{
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    // As the runtime does: an abort on Unix.
    private static readonly int UnhandledExitCode = OperatingSystem.IsWindows() ? unchecked((int)0xE0434352) : 134;

    private FletcherHost? _host;
    private ProgramStop? _stop;
    private volatile bool _isHurried;
    private string? _told;

    internal ProgramEnd()
    {
        AppDomain.CurrentDomain.UnhandledException += (_, _) => _isHurried = true;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>Ends this host with the process, and stops it at a signal.</summary>
    internal void Take(FletcherHost host, TimeSpan grace)
    {
        _stop = new ProgramStop(host, grace);
        _host = host;
    }

    /// <summary>
    /// Fletcher's own errors say what happened and what to do; the runtime's stack trace would only bury it. Anything else is
    /// left to the runtime.
    /// </summary>
    internal void TellOwnErrors() => AppDomain.CurrentDomain.UnhandledException += (_, e) =>
    {
        var error = e.ExceptionObject as Exception;
        while (error is TypeInitializationException or AggregateException { InnerExceptions.Count: 1 })
            error = error.InnerException;

        // That is how code which waits for a flow learns of the stop; the console has said what is to be said.
        if (error is OperationCanceledException && _stop is { ExitCode: { } code } stop)
        {
            stop.Wait();
            Environment.Exit(code);
        }

        if (error is not FletcherException)
        {
            TellMasked(e.ExceptionObject);
            return;
        }

        Tell(SecretMask.Mask(error.Message));
        if (error is FletcherUsageException && StackFrames.FindOwn(ErrorCapture.Capture(error)) is { } place)
            Console.Error.WriteLine($"  at {place.Member}  {place.Location}");
        Environment.Exit(1);
    };

    /// <summary>The runtime would print the exception as it is. Only where that has a secret it is printed here.</summary>
    private static void TellMasked(object exception)
    {
        if (!SecretMask.IsActive || SecretMask.Replace(exception.ToString()) is not { } masked)
            return;
        Console.Error.WriteLine($"Unhandled exception. {masked}");
        Environment.Exit(UnhandledExitCode);
    }

    private void OnProcessExit(object? sender, EventArgs e)
    {
        if (_stop is { ExitCode: { } code })
        {
            _stop.Wait();
            Environment.ExitCode = code;
        }

        try
        {
            if (_host is not { } host || _stop is { IsHurried: true })
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
        finally
        {
            _stop?.Release();
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
        await host.WaitForRunsAsync(CancellationToken.None).ConfigureAwait(false);
        await host.DisposeAsync().ConfigureAwait(false);
    }
}
