using System.Runtime.InteropServices;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Numbers the lines of each run in the order of writing. The next number is read once for each run and transaction, as
/// another process may have written lines of the same run in between.
/// </summary>
internal sealed class RunNumbers(Connection connection, string maximumSql)
{
    private readonly Dictionary<RunId, long> _last = [];

    public long Next(RunId run)
    {
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_last, run, out var isKnown);
        if (!isKnown)
            last = connection.Prepare(maximumSql).Bind(1, run).QuerySingle(static row => row.GetInt64(0));
        return ++last;
    }

    public void EndBatch() => _last.Clear();
}
