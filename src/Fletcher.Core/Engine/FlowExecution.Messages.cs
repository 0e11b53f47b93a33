using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>What is sent to a run reaches it here: the root of a family gets the messages for all of it.</summary>
internal abstract partial class FlowExecution
{
    private readonly Inbox _inbox = new();
    private readonly List<RunMessage> _requests = [];

    // What the host is told up to this number is read from the store with the rest, or was taken before.
    private long _readUpTo;

    /// <summary>
    /// Takes in a message that the host was told of. Its news may be old: what had been sent when this execution began was read from the store, less what
    /// earlier executions took.
    /// </summary>
    internal void Tell(RunMessage message)
    {
        if (message.Number > Volatile.Read(ref _readUpTo))
            Receive(message);
    }

    /// <summary>Takes a message in. Signals and answers wait in the inbox for who asks for them; the rest is done at once.</summary>
    private void Receive(RunMessage message)
    {
        switch (message.Kind)
        {
            case MessageKind.Signal or MessageKind.Answer:
                _inbox.Receive(message);
                return;
            case MessageKind.Cancel:
                if (Keep(message))
                    FindInFamily(message.RunId)?.Cancel(message.Actor, message.Reason);
                return;
            case MessageKind.Pause:
                if (Keep(message))
                    Pause(Wording.Say($"paused by {message.Actor}", message.Reason));
                return;
            case MessageKind.Resume:
                if (Keep(message))
                    Resume(message);
                return;
            case MessageKind.Retry:
                if (Keep(message))
                    IsAskedFor = true;
                return;
        }
    }

    /// <summary>Reads what was sent before the host would tell this execution of it.</summary>
    private async ValueTask ReadMessagesAsync()
    {
        // In this order: what is sent in between is in the messages, and told too.
        Volatile.Write(ref _readUpTo, await Host.Store.GetLastMessageAsync(CancellationToken.None).ConfigureAwait(false));
        var messages = await Host.Store.GetUntakenAsync(Id, CancellationToken.None).ConfigureAwait(false);
        var askedAgain = messages.LastOrDefault(message => message.Kind == MessageKind.Retry)?.Number ?? 0;
        foreach (var message in messages)
        {
            // What came too late to stop the run as it was then does not stop it now.
            if (message.Kind is MessageKind.Cancel or MessageKind.Pause && message.Number < askedAgain)
                Write(batch => batch.Taken.Add(new TakenMessage(message.RunId, message.Number, -1)));
            else
                Receive(message);
        }

        if (IsAskedFor && Record.Failures > 0)
            Change(Record with { Failures = 0, NextAttemptAt = null });
    }

    private void Resume(RunMessage message)
    {
        lock (_gate)
        {
            // The run has been left: it is for who goes on with it, and must not be marked as taken here.
            if (IsFrozen)
                return;
            var ended = TakeRequests(request => request.Kind is MessageKind.Pause or MessageKind.Resume && request.Number <= message.Number);

            // Who ends a pause does not say that what failed before it, and was handled, is to be tried again; who ends the wait for a fix does.
            if (Record.Failures > Definition.Retries)
            {
                IsAskedFor = true;
                Change(Record with { Failures = 0, NextAttemptAt = null });
            }

            Write(batch =>
            {
                batch.Taken.AddRange(ended);
                batch.FlowRuns.Add(Record);
            });
            Ledger(Record.State, Wording.Say($"resumed by {message.Actor}", message.Reason), null, message.Actor);
        }

        Unpause();
    }

    /// <summary>Keeps a request until the run has done as it says; false when it is known.</summary>
    private bool Keep(RunMessage message)
    {
        lock (_gate)
        {
            if (_requests.Exists(known => known.Number == message.Number))
                return false;
            _requests.Add(message);
            return true;
        }
    }

    /// <summary>The marks on requests that are done; those that are not stay for the next execution.</summary>
    private List<TakenMessage> TakeRequests(Predicate<RunMessage> isDone)
    {
        lock (_gate)
        {
            var taken = _requests.FindAll(isDone).ConvertAll(request => new TakenMessage(request.RunId, request.Number, -1));
            _requests.RemoveAll(isDone);
            return taken;
        }
    }

    private FlowExecution? FindInFamily(RunId run)
    {
        lock (_gate)
            return Id == run ? this : FindInside(run);
    }

    private FlowExecution? FindInside(RunId run)
    {
        for (var step = _running.Newest; step is not null; step = step.Older)
        {
            if (step.Inside is not { } inside)
                continue;
            if (inside.Id == run)
                return inside;
            if (inside.FindInside(run) is { } found)
                return found;
        }

        return null;
    }
}
