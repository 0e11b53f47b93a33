using System.Text.Json;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>Waits for a message to the run, and answers with its content. That time was up is remembered like a result.</summary>
internal abstract class MessageWait<T>(Scope caller, WaitCall<T> call, TimeSpan? timeout) : WaitStep<T>(caller, call)
{
    private static readonly byte[] Null = "null"u8.ToArray();
    private StoredValue? _content;

    /// <summary>Whether the wait was over without a message.</summary>
    internal bool IsTimedOut { get; private set; }

    protected abstract MessageKind MessageKind { get; }

    /// <summary>What the message must be addressed to.</summary>
    protected abstract string MessageName { get; }

    /// <summary>How the wait looks to a person: <c>signal 'paid'</c>.</summary>
    protected abstract string What { get; }

    protected override async ValueTask RunAttemptsAsync()
    {
        var isNew = _startedAt is null;
        Begin(timeout);
        if (!isNew)
            Reopen();
        while (true)
        {
            var message = Run.Inbox.Take(MessageKind, MessageName, Run.Id, Run.Root.Id);
            if (!message.Task.IsCompleted)
            {
                if (isNew)
                    Caller.Saw(Run.Write(Open));
                if (isNew)
                    Tell(Waiting());
                isNew = false;
                try
                {
                    await WaitForAsync(message).ConfigureAwait(false);
                }
                catch
                {
                    Run.Inbox.Abandon(message);
                    throw;
                }
            }

            if (!message.Task.IsCompleted && Run.Inbox.GiveUp(message))
            {
                TimeOut();
                return;
            }

            if (TryRead(await message.Task.ConfigureAwait(false)))
                return;
        }
    }

    protected override StoredValue? EncodeResult() => _content;

    protected override void OnReuse(StepRunRecord record) => IsTimedOut = record.Result is null;

    /// <summary>Waits for the message, and no longer than until <see cref="WaitStep{T}.Deadline"/>.</summary>
    protected virtual ValueTask WaitForAsync(TaskCompletionSource<RunMessage> message) => RestAsync(message.Task, Deadline);

    /// <summary>Told when a wait goes on that began in an earlier execution.</summary>
    protected virtual void Reopen()
    {
    }

    /// <summary>What is written when the wait begins.</summary>
    protected virtual void Open(WriteBatch batch) => batch.StepRuns.Add(Waiting());

    /// <summary>What is written beside its end; the message is null when there is none.</summary>
    protected virtual void Close(WriteBatch batch, RunMessage? message)
    {
    }

    private void TimeOut()
    {
        IsTimedOut = true;
        End(Record(StepRunState.Completed, Run.Host.Now) with { Reason = $"there was no {What} until {Deadline:yyyy-MM-dd HH:mm:ss}Z" }, null);
    }

    private bool TryRead(RunMessage message)
    {
        try
        {
            Result = Run.Host.Codec.Decode<T>(ValueFormat.Json, message.Content ?? Null);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or InvalidCastException)
        {
            // The run is not to blame for what it was sent, and goes on waiting.
            Ledger(nameof(StepRunState.Waiting), StepRunState.Waiting, $"{What} from {message.Actor} was refused: its value is no {typeof(T).Name}: {e.Message}");
            Run.Write(batch => batch.Taken.Add(new TakenMessage(message.RunId, message.Number, -1)));
            Run.Inbox.Acknowledge();
            return false;
        }

        var content = message.Content ?? Null;
        _content = new StoredValue(ValueFormat.Json, content, null, ContentHash.Of(content), content.Length);
        if (!typeof(T).IsValueType && Result is { } value)
            Run.Results.Track(value, Sequence, _content, Run.Host.Codec.Hash(Result, null, 0).Hash);
        End(Record(StepRunState.Completed, Run.Host.Now, _content) with { Reason = $"{What} from {message.Actor}" }, message);
        return true;
    }

    /// <summary>The end and the mark on the message are one: a crash before it gives the message out again.</summary>
    private void End(StepRunRecord record, RunMessage? message)
    {
        Commit(record, batch =>
        {
            if (message is not null)
                batch.Taken.Add(new TakenMessage(message.RunId, message.Number, Sequence));
            Close(batch, message);
        });
        if (message is not null)
            Run.Inbox.Acknowledge();
    }
}

/// <summary>Waits for a signal.</summary>
internal sealed class SignalWait<T>(Scope caller, WaitCall<T> call, string name, TimeSpan? timeout) : MessageWait<T>(caller, call, timeout)
{
    internal override string WaitsFor => $"waits for signal '{name}'";

    protected override MessageKind MessageKind => MessageKind.Signal;

    protected override string MessageName => name;

    protected override string What => $"signal '{name}'";
}
