using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>Ways not to run a step: a result of another run, or a target that is there.</summary>
internal partial class MethodStep<T>
{
    private string? _target;

    protected override async ValueTask<bool> AnswerWithoutRunningAsync()
    {
        var mustRun = Caller.Memory is { } memory && memory.IsDiscarded(Key);
        if (!mustRun && Policy.CacheFor is { } age && await AnswerFromCacheAsync(age).ConfigureAwait(false))
            return true;
        _target = Call.RenderTarget();
        if (mustRun || _target is null || !Exists(_target))
            return false;

        // The method returns nothing, or the path of what it makes.
        if (_target is T path)
            Result = path;
        Commit(Record(StepRunState.Skipped) with
        {
            EndedAt = Run.Host.Now,
            Result = EncodeResult(),
            Reason = $"its target '{_target}' exists",
        });
        return true;
    }

    protected override bool IsGone(StepRunRecord record, out string why)
    {
        _target = Call.RenderTarget();
        why = $"it ended {record.State}, but its target '{_target}' is gone";
        return !IsAtMostOnce && _target is not null && !Exists(_target);
    }

    private void CheckTarget()
    {
        if (_target is not null && !Exists(_target))
        {
            throw new FletcherUsageException(
                "FLT1206", $"'{Id}' returned, but its target '{Path.GetFullPath(_target)}' does not exist. Make it there, or correct Target.");
        }
    }

    private static bool Exists(string target) => File.Exists(target) || Directory.Exists(target);

    private async ValueTask<bool> AnswerFromCacheAsync(TimeSpan age)
    {
        var entry = await Run.Host.Store.FindCachedAsync(Id, Key.Hash, Caller.Token).ConfigureAwait(false);
        if ((CacheMiss(entry, age) ?? await ReadCachedAsync(entry!).ConfigureAwait(false)) is { } why)
        {
            Ledger(null, StepRunState.Running, $"not answered from the cache: {why}");
            return false;
        }

        Commit(Record(StepRunState.Cached) with
        {
            EndedAt = Run.Host.Now,
            Result = entry!.Result,
            Reason = $"step run {entry.Sequence} of run {entry.RunId} had the same {(CacheBySource ? "inputs and source" : "inputs")} "
                + string.Create(CultureInfo.InvariantCulture, $"at {entry.MadeAt:yyyy-MM-dd HH:mm:ss}Z"),
        });
        return true;
    }

    /// <summary>Takes the cached result; why not, if its type was changed since so that it cannot be read any more.</summary>
    private async ValueTask<string?> ReadCachedAsync(CacheEntry entry)
    {
        if (entry.Result is not { } stored)
            return null;
        var content = stored.Content ?? await Run.Host.Store.ReadValueAsync(stored, Caller.Token).ConfigureAwait(false);
        try
        {
            DecodeResult(stored, content);
            return null;
        }
        catch (FletcherUsageException e)
        {
            return e.Message;
        }
    }

    private bool CacheBySource => _step.CacheBy == CacheBy.InputsAndSource;

    private string? CacheMiss(CacheEntry? entry, TimeSpan age) => entry switch
    {
        null => "no run had these inputs",
        { Sequence: 0 } => "what had these inputs was undone",
        _ when entry.MadeAt + age <= Run.Host.Now => string.Create(
            CultureInfo.InvariantCulture, $"the result of {entry.MadeAt:yyyy-MM-dd HH:mm:ss}Z is older than {_step.Cache}"),
        _ when CacheBySource && entry.SourceHash != _step.SourceHash => "the step's source has changed since",
        _ => null,
    };

    private void StoreInCache(StepRunRecord record)
    {
        if (Policy.CacheFor is null)
            return;
        Run.Write(new CacheEntry
        {
            Step = Id,
            Key = Key.Hash,
            SourceHash = _step.SourceHash,
            RunId = Run.Id,
            Sequence = Sequence,
            MadeAt = record.EndedAt!.Value,
            Result = record.Result,
        });
    }
}
