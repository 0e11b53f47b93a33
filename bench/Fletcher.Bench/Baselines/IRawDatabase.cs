namespace Fletcher.Bench.Baselines;

/// <summary>The baselines: what a database itself takes to keep rows like those of step runs, with nothing of Fletcher's.</summary>
internal interface IRawDatabase : IDisposable
{
    /// <summary><b>commit</b>: each row in a transaction of its own.</summary>
    void Commit(int rows);

    /// <summary><b>group</b>: the rows in transactions of up to 1,000.</summary>
    void Group(int rows);

    /// <summary>
    /// <b>pipe</b>: one producer hands the rows in order to one writer, which commits whatever has come meanwhile; the producer
    /// waits for the last one only.
    /// </summary>
    Task PipeAsync(int rows);
}
