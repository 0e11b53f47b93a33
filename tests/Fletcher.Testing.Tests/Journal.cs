namespace Fletcher.Testing.Tests;

/// <summary>What flows and steps of a test did, in order; safe to write from many threads.</summary>
internal sealed class Journal
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    internal IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    internal IReadOnlyList<string> Sorted => [.. Lines.Order(StringComparer.Ordinal)];

    internal void Say(string line)
    {
        lock (_gate)
            _lines.Add(line);
    }

    internal int Count(string line) => Lines.Count(said => said == line);

    internal void Clear()
    {
        lock (_gate)
            _lines.Clear();
    }
}
