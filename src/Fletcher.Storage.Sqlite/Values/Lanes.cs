using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// The numbers that stand for a queue with a set of labels. They are few, and never change. What it remembers may come from an open transaction, so
/// <see cref="Forget"/> must follow a rollback.
/// </summary>
internal sealed class Lanes(Connection connection)
{
    // Distinct ones are as many as a program names; the limit is for programs that make them up.
    private const int Limit = 4096;

    private readonly Dictionary<(string Queue, string Labels), long> _known = [];

    public long Of(FlowRunRecord run)
    {
        if (run.Queue == FlowRunRecord.DefaultQueue && run.Labels.Count == 0)
            return 0;

        var labels = TextListJson.Write(run.Labels) ?? "[]";
        if (_known.TryGetValue((run.Queue, labels), out var id))
            return id;
        id = connection.Prepare("SELECT id FROM lanes WHERE queue = ?1 AND labels = ?2").Bind(1, run.Queue).Bind(2, labels)
            .QuerySingle(static row => row.GetInt64(0));
        if (id == 0)
        {
            id = connection.Prepare("INSERT INTO lanes (queue, labels) VALUES (?1, ?2) RETURNING id").Bind(1, run.Queue).Bind(2, labels)
                .QuerySingle(static row => row.GetInt64(0));
        }

        if (_known.Count >= Limit)
            _known.Clear();
        return _known[(run.Queue, labels)] = id;
    }

    public void Forget() => _known.Clear();

    /// <summary>The lanes from which a host takes.</summary>
    public static List<long> OfHost(Connection connection, ClaimRequest request)
    {
        var lanes = connection.Prepare("SELECT id, queue, labels FROM lanes")
            .QueryAll(static row => (Id: row.GetInt64(0), Queue: row.GetText(1)!, Labels: TextListJson.Read(row.GetBytes(2))))
            .Where(lane => request.Takes(lane.Queue, lane.Labels)).Select(static lane => lane.Id).ToList();
        if (request.Takes(FlowRunRecord.DefaultQueue, []))
            lanes.Insert(0, 0);
        return lanes;
    }
}
