using System.Reflection;
using Fletcher.Storage;

namespace Fletcher.Tests.Health;

/// <summary>A store in front of another one that can be away, or never answer.</summary>
public class BreakableStore : DispatchProxy
{
    private IRunStore _inner = null!;

    /// <summary>Whether every call fails.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether looks for messages never come back.</summary>
    public bool Hangs { get; set; }

    internal static (IRunStore Store, BreakableStore Switch) Around(IRunStore inner)
    {
        var store = Create<IRunStore, BreakableStore>();
        var breakable = (BreakableStore)(object)store;
        breakable._inner = inner;
        return (store, breakable);
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        if (IsDown && targetMethod.Name != nameof(IAsyncDisposable.DisposeAsync) && !targetMethod.IsSpecialName)
            throw new StoreUnavailableException("FLT1101", "The store is away.");
        return Hangs && targetMethod.Name == nameof(IRunStore.GetMessagesAsync)
            ? new ValueTask<IReadOnlyList<Model.RunMessage>>(new TaskCompletionSource<IReadOnlyList<Model.RunMessage>>().Task)
            : targetMethod.Invoke(_inner, args);
    }
}
