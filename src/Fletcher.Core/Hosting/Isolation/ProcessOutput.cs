using System.Text;
using Fletcher.Masking;
using Fletcher.Model;
using Fletcher.Storage;
using Microsoft.Extensions.Logging;

namespace Fletcher.Hosting;

/// <summary>
/// What a process says that executes a run. It is passed on to this process's own console. Lines that no code of the run wrote (the runtime's own last words, other libraries, other processes) are kept with
/// the run here; those of its code the process keeps by itself, with the step that wrote them, and only the last of them are kept here, for when it dies before it could.
/// </summary>
internal sealed class ProcessOutput(FletcherHost host, FlowRunRecord run)
{
    private const int MostLast = 200;
    private const int MostUnkept = 10_000;
    private const int MaxLine = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _last = new();
    private List<LogLine> _unkept = [];

    /// <summary>Reads one of its streams to the end.</summary>
    internal async Task ReadAsync(StreamReader reader, bool isError)
    {
        var buffer = new char[4096];
        var line = new StringBuilder();
        int count;
        while ((count = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            var rest = buffer.AsMemory(0, count);
            for (var end = rest.Span.IndexOf('\n'); end >= 0; end = rest.Span.IndexOf('\n'))
            {
                line.Append(rest[..end]);
                Take(line, isError);
                rest = rest[(end + 1)..];
            }

            line.Append(rest);
            if (line.Length >= MaxLine)
                Take(line, isError);
        }

        if (line.Length > 0)
            Take(line, isError);
    }

    /// <summary>Writes what was said since the last time, if the store takes it now.</summary>
    internal async ValueTask KeepAsync()
    {
        List<LogLine> lines;
        lock (_gate)
        {
            if (_unkept.Count == 0)
                return;
            (lines, _unkept) = (_unkept, []);
        }

        if (await TryWriteAsync(lines).ConfigureAwait(false))
            return;
        lock (_gate)
            _unkept = [.. lines.Concat(_unkept).TakeLast(MostUnkept)];
    }

    /// <summary>The process died: the last lines that it said and did not come to write are written for it.</summary>
    internal async ValueTask KeepLostAsync()
    {
        List<LogLine> last;
        lock (_gate)
            last = [.. _last];
        if (last.Count == 0)
            return;
        var kept = await host.Store.GetLogsAsync(run.Id, null, 4 * MostLast, CancellationToken.None).ConfigureAwait(false);
        var known = kept.CountBy(Identify).ToDictionary();

        // The oldest of equal lines are those that were written.
        var lost = new List<LogLine>();
        foreach (var line in last)
        {
            if (known.GetValueOrDefault(Identify(line)) is var count && count > 0)
                known[Identify(line)] = count - 1;
            else
                lost.Add(line);
        }

        await TryWriteAsync(lost).ConfigureAwait(false);
    }

    private static (int Sequence, string Category, string Message) Identify(LogLine line) => (line.Sequence, line.Category, line.Message);

    private void Take(StringBuilder text, bool isError)
    {
        var said = SecretMask.Mask(text.ToString().TrimEnd('\r'));
        text.Clear();
        if (OutputRelay.TryReadSecret(said, out var secret))
        {
            Reveal(secret);
            return;
        }

        var line = new LogLine
        {
            RunId = run.Id,
            Attempt = run.Attempt,
            At = host.Now,
            Level = isError ? LogLevel.Warning : LogLevel.Information,
            Category = isError ? "stderr" : "stdout",
            Message = said,
        };
        var isOfTheRun = OutputRelay.TryRead(said, out var sequence, out var attempt, out var rest);
        if (isOfTheRun)
            line = line with { Sequence = sequence, Attempt = attempt, Message = rest };
        (isError ? Console.Error : Console.Out).WriteLine(line.Message);
        lock (_gate)
        {
            if (isOfTheRun)
            {
                _last.Enqueue(line);
                if (_last.Count > MostLast)
                    _last.Dequeue();
            }
            else if (_unkept.Count < MostUnkept)
            {
                _unkept.Add(line);
            }
        }
    }

    /// <summary>Makes this process know a secret, so that it masks it too. The line that tells of it is before all that may have it.</summary>
    private void Reveal(string secret)
    {
        try
        {
            host.Vault.RevealAsync(secret, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        catch (FletcherException e)
        {
            host.Observers.Note($"What the process of run {run.Id} says may have the secret '{secret}', which is not known here: {e.Message}");
        }
    }

    private async ValueTask<bool> TryWriteAsync(List<LogLine> lines)
    {
        var batch = new WriteBatch();
        batch.Logs.AddRange(lines);
        try
        {
            // Without a lease: the run is another host's. Lines are only added, so nothing of its can be spoiled.
            await host.Store.WriteAsync(batch, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }
}
