using System.Collections.Concurrent;

namespace Fletcher.Hosting.Tests;

/// <summary>Flows that are started by clients.</summary>
internal static class Orders
{
    private static readonly ConcurrentDictionary<string, Gate> Gates = new();

    /// <summary>What the runs of one test wait at.</summary>
    internal static Gate GateOf(string name) => Gates.GetOrAdd(name, static _ => new Gate());

    [Flow(Tags = ["orders"], Name = "order {order}")]
    internal static async Task<string> Pack(string order, int copies = 1) => await Label(order, copies);

    [Step]
    internal static async Task<string> Label(string order, int copies)
    {
        await Task.Yield();
        return $"{copies} x {order}";
    }

    [Flow]
    internal static async Task<int> Wait(string gate, int number) => await GateOf(gate).PassAsync(number);

    [Flow(MaxConcurrency = 2)]
    internal static async Task<int> WaitTwoAtATime(string gate, int number) => await GateOf(gate).PassAsync(number);

    [Flow(Once = "{order}")]
    internal static async Task<string> Ship(string order)
    {
        await Task.Yield();
        return $"shipped {order}";
    }

    [Flow]
    internal static async Task<int> Lose(string order)
    {
        await Task.Yield();
        throw new InvalidOperationException($"{order} is lost");
    }

    [Flow]
    internal static async Task<string> PackLater(string order) => await Later(order);

    [Step]
    internal static async Task<string> Later(string order) =>
        (await Flow.Client.StartAsync(() => Pack(order, 2), new StartOptions { IdempotencyKey = order })).Run.ToString();

    /// <summary>Holds runs until they are let through, and sees how many are at it.</summary>
    internal sealed class Gate
    {
        private readonly Lock _lock = new();
        private readonly List<int> _begun = [];
        private readonly List<(int Count, TaskCompletionSource Source)> _awaited = [];
        private readonly SemaphoreSlim _open = new(0);
        private int _here;

        /// <summary>The most that were here at the same time.</summary>
        internal int Most { get; private set; }

        /// <summary>The numbers of those that came, in their order.</summary>
        internal IReadOnlyList<int> Begun
        {
            get
            {
                lock (_lock)
                    return [.. _begun];
            }
        }

        internal void Open(int count) => _open.Release(count);

        /// <summary>Completes when so many have come in all.</summary>
        internal Task WhenBegun(int count)
        {
            lock (_lock)
            {
                var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_begun.Count >= count)
                    source.SetResult();
                else
                    _awaited.Add((count, source));
                return source.Task;
            }
        }

        internal async Task<int> PassAsync(int number)
        {
            lock (_lock)
            {
                _begun.Add(number);
                Most = Math.Max(Most, ++_here);
                foreach (var (_, source) in _awaited.Where(awaited => awaited.Count <= _begun.Count))
                    source.TrySetResult();
            }

            await _open.WaitAsync(Flow.Current.CancellationToken);
            lock (_lock)
                _here--;
            return number;
        }
    }
}
