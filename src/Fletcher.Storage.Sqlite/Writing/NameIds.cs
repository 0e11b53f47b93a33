using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// The numbers that stand for flows and for versions of steps, made at the first use. What it remembers may come from an
/// open transaction, so <see cref="Forget"/> must follow a rollback.
/// </summary>
internal sealed class NameIds(Connection connection)
{
    // Distinct names are as many as the program has methods; the limit is for programs that make names up.
    private const int Limit = 4096;

    private readonly Dictionary<string, long> _flows = new(StringComparer.Ordinal);
    private readonly Dictionary<StepCode, long> _steps = [];
    private StepCode? _lastStep;
    private long _lastStepId;

    public long OfFlow(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_flows.TryGetValue(name, out var id))
            return id;

        id = connection.Prepare("SELECT id FROM flows WHERE name = ?1").Bind(1, name).QuerySingle(static row => row.GetInt64(0));
        if (id == 0)
        {
            id = connection.Prepare("INSERT INTO flows (name) VALUES (?1) RETURNING id")
                .Bind(1, name)
                .QuerySingle(static row => row.GetInt64(0));
        }

        MakeRoom(_flows);
        return _flows[name] = id;
    }

    public long OfStep(StepCode step)
    {
        ArgumentNullException.ThrowIfNull(step);
        // The engine passes the same object for each run of a step: comparing four values would cost more than the row.
        if (ReferenceEquals(step, _lastStep))
            return _lastStepId;

        if (!_steps.TryGetValue(step, out var id))
        {
            MakeRoom(_steps);
            _steps[step] = id = FindOrAdd(step);
        }

        _lastStep = step;
        _lastStepId = id;
        return id;
    }

    public void Forget()
    {
        _flows.Clear();
        _steps.Clear();
        _lastStep = null;
    }

    private long FindOrAdd(StepCode step)
    {
        ArgumentNullException.ThrowIfNull(step.Name);
        var id = connection
            .Prepare("SELECT id FROM steps WHERE name = ?1 AND source_hash IS ?2 AND file IS ?3 AND line = ?4")
            .Bind(1, step.Name)
            .Bind(2, step.SourceHash)
            .Bind(3, step.File)
            .Bind(4, step.Line)
            .QuerySingle(static row => row.GetInt64(0));
        if (id != 0)
            return id;

        return connection.Prepare("INSERT INTO steps (name, source_hash, file, line) VALUES (?1, ?2, ?3, ?4) RETURNING id")
            .Bind(1, step.Name)
            .Bind(2, step.SourceHash)
            .Bind(3, step.File)
            .Bind(4, step.Line)
            .QuerySingle(static row => row.GetInt64(0));
    }

    private static void MakeRoom<TKey>(Dictionary<TKey, long> ids)
        where TKey : notnull
    {
        if (ids.Count >= Limit)
            ids.Clear();
    }
}
