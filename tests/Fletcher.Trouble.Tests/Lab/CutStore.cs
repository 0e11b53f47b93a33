using System.Reflection;
using Fletcher.Storage;

namespace Fletcher.Trouble;

/// <summary>
/// One process's view of the store. From when it is cut, the process can as well be dead: nothing of it arrives, and it gets no answer.
/// </summary>
// Not sealed: DispatchProxy derives from it.
public class CutStore : DispatchProxy
{
    private IRunStore? _store;
    private volatile bool _isCut;
    private int _looks;

    /// <summary>How often other hosts were looked at.</summary>
    internal int Looks => Volatile.Read(ref _looks);

    internal static (IRunStore Store, CutStore Cut) Around(IRunStore store)
    {
        var proxy = Create<IRunStore, CutStore>();
        var cut = (CutStore)(object)proxy;
        cut._store = store;
        return (proxy, cut);
    }

    internal void Cut() => _isCut = true;

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IRunStore.GetHostAsync))
            Interlocked.Increment(ref _looks);
        if (_isCut && targetMethod.Name is not (nameof(IAsyncDisposable.DisposeAsync) or "get_Description" or "get_IsVolatile"))
            throw new StoreUnavailableException("FLT1101", "The process is cut off.");
        return targetMethod.Invoke(_store, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
