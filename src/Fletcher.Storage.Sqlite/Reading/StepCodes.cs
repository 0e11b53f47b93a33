using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>The steps behind the numbers, looked up once for each page of step runs that is read.</summary>
internal sealed class StepCodes(Connection connection)
{
    private readonly Dictionary<long, StepCode> _steps = [];
    private long _lastId;
    private StepCode? _last;

    public StepCode Get(long id)
    {
        if (id == _lastId)
            return _last!;

        if (!_steps.TryGetValue(id, out var step))
        {
            _steps[id] = step = connection.Prepare("SELECT name, source_hash, file, line FROM steps WHERE id = ?1")
                .Bind(1, id)
                .QuerySingle(static row => new StepCode(row.GetText(0)!, row.GetText(1), row.GetText(2), row.GetInt32(3)))!;
        }

        _lastId = id;
        return _last = step;
    }
}
