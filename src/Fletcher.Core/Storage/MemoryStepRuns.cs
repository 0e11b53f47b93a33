using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// The step runs of one flow run by sequence. Sequences count from 1 without gaps, so they are places in an array; one far
/// ahead of the others goes into a dictionary instead of making the array huge.
/// </summary>
internal sealed class MemoryStepRuns
{
    private const int LargestJump = 1024;

    private StepRunRecord?[] _near = [];
    private SortedDictionary<int, StepRunRecord>? _far;

    public void Put(StepRunRecord stepRun)
    {
        var place = stepRun.Sequence - 1;
        if ((uint)place >= (uint)_near.Length && !TryGrow(place))
        {
            (_far ??= [])[stepRun.Sequence] = stepRun;
            return;
        }

        _near[place] = stepRun;
    }

    public StepRunRecord? Get(int sequence)
    {
        var place = sequence - 1;
        return (uint)place < (uint)_near.Length ? _near[place] : _far?.GetValueOrDefault(sequence);
    }

    public StepRunRecord[] ToArray()
    {
        var near = _near.OfType<StepRunRecord>();
        return _far is null ? [.. near] : [.. near.Concat(_far.Values).OrderBy(static stepRun => stepRun.Sequence)];
    }

    private bool TryGrow(int place)
    {
        if (place < 0 || place - _near.Length > LargestJump)
            return false;

        Array.Resize(ref _near, Math.Max(Math.Max(4, _near.Length * 2), place + 1));
        if (_far is null)
            return true;

        foreach (var sequence in _far.Keys.Where(s => s >= 1 && s <= _near.Length).ToArray())
        {
            _near[sequence - 1] = _far[sequence];
            _far.Remove(sequence);
        }

        return true;
    }
}
