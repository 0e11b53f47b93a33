using System.ComponentModel;
using System.Diagnostics;

namespace Fletcher.Cli;

/// <summary>Whether there is an SDK that runs file-based programs.</summary>
internal static class SdkCheck
{
    private const int Oldest = 10;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    internal static async Task<Finding?> FindAsync(CancellationToken cancellationToken)
    {
        const string todo = "Install the .NET 10 SDK, or go on without 'fletcher run'.";
        try
        {
            using var process = Process.Start(new ProcessStartInfo("dotnet", ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() })!;
            var version = (await process.StandardOutput.ReadToEndAsync(cancellationToken).WaitAsync(Limit, TimeProvider.System, cancellationToken).ConfigureAwait(false)).Trim();
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (process.ExitCode != 0)
                return new Finding("sdk", "'dotnet --version' fails: there is a runtime, and no SDK.", todo);
            return Version.TryParse(version.Split('-')[0], out var found) && found.Major >= Oldest ? null : new Finding("sdk", $"The .NET SDK here is {version}; Fletcher's programs need {Oldest} or newer.", todo);
        }
        catch (Exception e) when (e is Win32Exception or TimeoutException)
        {
            return new Finding("sdk", "The command 'dotnet' is not there, or does not answer.", todo);
        }
    }
}
