using System.Globalization;
using System.Text.Json.Schema;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>Asks a person, and waits for the answer.</summary>
internal sealed class QuestionWait<T>(
    Scope caller, WaitCall<T> call, string question, string? to, TimeSpan? timeout, Escalation? escalation)
    : MessageWait<T>(caller, call, timeout)
{
    private QuestionRecord? _asked;
    private bool _isEscalated;

    internal override string WaitsFor => to is null ? $"asks '{question}'" : $"asks {to} '{question}'";

    protected override MessageKind MessageKind => MessageKind.Answer;

    protected override string MessageName => Sequence.ToString(CultureInfo.InvariantCulture);

    protected override string What => "answer";

    private DateTimeOffset? EscalateAt => escalation is { } second ? Wait.After(_startedAt!.Value, second.After) : null;

    protected override async ValueTask WaitForAsync(TaskCompletionSource<RunMessage> message)
    {
        // Also when that moment was while the run was parked, or no host ran.
        if (EscalateAt is { } at && !_isEscalated && (Deadline is null || at < Deadline))
        {
            await RestAsync(message.Task, at).ConfigureAwait(false);
            if (message.Task.IsCompleted)
                return;
            Escalate();
        }

        await base.WaitForAsync(message).ConfigureAwait(false);
    }

    protected override void OnContinue(StepRunRecord record) => _isEscalated = record is { State: StepRunState.Waiting, Reason: not null };

    private void Escalate()
    {
        _isEscalated = true;
        var why = $"nobody answered for {escalation!.After}: {escalation.To} is asked too";

        // In its own record: a later execution must not tell it again.
        Commit(Waiting() with { Reason = why });
        Ledger(nameof(StepRunState.Waiting), StepRunState.Waiting, why);
        Run.Host.Observers.Note($"'{question}' (run {Run.Id}) has no answer for {escalation.After}: {escalation.To} is asked too.");
    }

    protected override void Open(WriteBatch batch)
    {
        base.Open(batch);
        batch.Questions.Add(_asked = Ask());
    }

    // Its run may have ended since, and its questions with it; whoever is to answer must find it again.
    protected override void Reopen() => Run.Write(batch => batch.Questions.Add(_asked = Ask()));

    protected override void Close(WriteBatch batch, RunMessage? message) => batch.Questions.Add((_asked ?? Ask()) with
    {
        ClosedAt = Run.Host.Now,
        AnsweredBy = message?.Actor,
        Answer = message?.Content,
    });

    protected override void OnStopped() => Run.Write(batch => Close(batch, null));

    private QuestionRecord Ask() => new()
    {
        RunId = Run.Id,
        Sequence = Sequence,
        Text = question,
        To = to,
        EscalateTo = escalation?.To,
        EscalateAt = EscalateAt,
        ExpiresAt = Deadline ?? DueAt, // it may be withdrawn before this execution has come back to it
        Schema = Run.Host.Codec.Options.GetJsonSchemaAsNode(typeof(T)).ToJsonString(),
        AskedAt = _startedAt!.Value,
    };
}
