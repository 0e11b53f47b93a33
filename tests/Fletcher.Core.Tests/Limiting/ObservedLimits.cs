using System.Reflection;
using Fletcher.Storage;

namespace Fletcher.Engine.Tests.Limiting;

/// <summary>Counts what a host asks the limits of its store for, and can keep from it what it is told.</summary>
/// <remarks>A proxy, as only these few of the interfaces' many members are of interest.</remarks>
internal sealed class ObservedLimits
{
    private int _looks;
    private int _exchanges;

    /// <summary>How often somebody looked.</summary>
    internal int Looks => Volatile.Read(ref _looks);

    /// <summary>How often somebody asked for places or gave them back, or settled what was due.</summary>
    internal int Exchanges => Volatile.Read(ref _exchanges);

    /// <summary>Set to keep every hint and every id of a grant from the host.</summary>
    internal bool IsDeaf { get; init; }

    /// <summary>The store, with its limits observed.</summary>
    internal IRunStore Observe(IRunStore store)
    {
        var limits = Proxy.Make(store.Limits!, Call);
        return Proxy.Make(store, (method, arguments) => method.Name == "get_Limits" ? limits : method.Invoke(store, arguments));

        object? Call(MethodInfo method, object?[]? arguments)
        {
            switch (method.Name)
            {
                case nameof(ILimitStore.LookAsync):
                    Interlocked.Increment(ref _looks);
                    break;
                case nameof(ILimitStore.ExchangeAsync):
                    Interlocked.Increment(ref _exchanges);
                    break;
                case "add_Granted" when IsDeaf:
                    return null;
                case nameof(ILimitStore.Listen) when IsDeaf:
                    return new MemoryStream(); // something to dispose of
            }

            return method.Invoke(store.Limits, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        }
    }

    /// <summary>Makes an interface of one method. Not sealed: the proxy is derived from it.</summary>
    internal class Proxy : DispatchProxy
    {
        private Func<MethodInfo, object?[]?, object?>? _call;

        internal static T Make<T>(T behind, Func<MethodInfo, object?[]?, object?> call)
            where T : class
        {
            ArgumentNullException.ThrowIfNull(behind);
            var proxy = Create<T, Proxy>();
            ((Proxy)(object)proxy)._call = call;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _call!(targetMethod!, args);
    }
}
