using Fletcher.Model;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Finds unfinished runs for all who ask at the same time with one round trip: each call of a flow asks, and thousands of calls at once would wait for as many round trips.
/// </summary>
internal sealed class UnfinishedReader(Server server, FlowRunReader flowRuns)
{
    /// <summary>So many are asked for in one round trip.</summary>
    private const int AtOnce = 200;

    private readonly Lock _gate = new();
    private readonly Queue<Question> _questions = new();
    private bool _isReading;

    public async ValueTask<IReadOnlyList<FlowRunRecord>> FindAsync(UnfinishedQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var question = new Question(query);
        lock (_gate)
        {
            _questions.Enqueue(question);
            if (!_isReading)
            {
                _isReading = true;
                using var apart = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow(); // it reads for others too
                _ = Task.Run(ReadAsync, CancellationToken.None);
            }
        }

        return await question.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            List<Question> some = [];
            lock (_gate)
            {
                while (some.Count < AtOnce && _questions.TryDequeue(out var question))
                    some.Add(question);
                if (some.Count == 0)
                {
                    _isReading = false;
                    return;
                }
            }

            try
            {
                var found = await server.RunAsync(
                    (flowRuns, some),
                    static (connection, q, token) => q.flowRuns.FindUnfinishedAsync(connection, q.some.ConvertAll(static question => question.Query), token),
                    CancellationToken.None).ConfigureAwait(false);
                for (var i = 0; i < some.Count; i++)
                    some[i].SetResult(found[i]);
            }
            catch (Exception e)
            {
                some.ForEach(question => question.SetException(e));
            }
        }
    }

    private sealed class Question(UnfinishedQuery query) : TaskCompletionSource<IReadOnlyList<FlowRunRecord>>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public UnfinishedQuery Query { get; } = query;
    }
}
