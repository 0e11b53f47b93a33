using Fletcher.Diagnosis;
using Fletcher.Masking;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Terminal;

/// <summary>Explains failed runs on the console, and knows which failures it has explained.</summary>
internal sealed class FailureReport(
    IRunStore store, IReadOnlyList<IFailureAdvisor> advisors, IRunDisplay display, Glyphs glyphs, TimeProvider time,
    Func<string, FlowPlan?> planOf)
{
    private const int MaxKept = 16;
    private const double MaxAtOnce = 5;
    private const double SecondsForOne = 30;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly Queue<ErrorRecord> _explained = new();
    private double _room = MaxAtOnce;
    private DateTimeOffset _at = time.GetUtcNow();

    /// <summary>
    /// Shows the explanation before it returns: the program is likely to end with this failure, and nothing could be
    /// shown afterwards.
    /// </summary>
    internal void Explain(FlowRunRecord run)
    {
        if (!Admit())
        {
            if (run.Error is { } error)
                display.Show([new StyledLine(2).Add(Readable.Error(error), Tone.Bad).Add("  run " + run.Id, Tone.Dim)]);
            return;
        }

        using var limit = new CancellationTokenSource(Limit, time);
        var explanation = StartAsync(run.Id, limit.Token).WaitAsync(limit.Token).GetAwaiter().GetResult();
        if (explanation is null)
            return;

        // A store that takes nothing any more still has the run as running.
        if (!explanation.Run.State.IsEnd())
            explanation = explanation with { Run = run, Error = run.Error };

        display.Show(FlashlightView.Compose(
            explanation with { ResumeCommand = ProgramCommand.Current().Resume(run.Id) },
            glyphs, time.LocalTimeZone, Environment.CurrentDirectory));
        Remember(run.Error);
        Remember(explanation.Error);
    }

    /// <summary>Whether this exception, or one inside it, is a failure that was shown.</summary>
    internal bool HasExplained(Exception exception)
    {
        lock (_gate)
        {
            for (var current = exception; current is not null; current = current.InnerException)
            {
                // What failed in a process of its own is told here by this exception.
                var (type, message) = current is EarlierFailureException earlier ? (earlier.Type, earlier.Error.Message) : (current.GetType().FullName, current.Message);
                foreach (var error in _explained)
                    if (error.Type == type && (error.Message == SecretMask.Mask(message) || message.Length > ErrorCapture.MaxMessageBytes / 3))
                        return true;
            }
        }
        return false;
    }

    // Not on this thread, which may have a synchronisation context that the store's continuations would wait for; and not in
    // the run's own context, where what an advisor writes would be taken for output of the flow.
    private Task<Explanation?> StartAsync(RunId run, CancellationToken cancellationToken)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
            return Task.Run(() => Flashlight.ExplainAsync(
                store, run, (_, flow) => planOf(flow), advisors, cancellationToken).AsTask(), cancellationToken);
    }

    private void Remember(ErrorRecord? error)
    {
        if (error is null)
            return;
        lock (_gate)
        {
            _explained.Enqueue(error);
            if (_explained.Count > MaxKept)
                _explained.Dequeue();
        }
    }

    // A host whose every run fails needs the explanation a few times, not a thousand times.
    private bool Admit()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            _room = Math.Min(MaxAtOnce, _room + ((now - _at).TotalSeconds / SecondsForOne));
            _at = now;
            if (_room < 1)
                return false;
            _room--;
            return true;
        }
    }
}
