using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>For stores: finds what no store can do with what it was given.</summary>
public static class StoreArguments
{
    /// <summary>Looks at what a host asks for.</summary>
    /// <exception cref="ArgumentException">Something in it is null, or it asks for no runs.</exception>
    public static void Check(ClaimRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(request.Flows, "request.Flows");
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1, "request.Limit");
    }

    /// <summary>Looks at runs that are to be started.</summary>
    /// <exception cref="ArgumentException">A start is none.</exception>
    public static void Check(IReadOnlyList<RunStart> starts)
    {
        ArgumentNullException.ThrowIfNull(starts);
        foreach (var start in starts)
        {
            var run = start?.Run ?? throw new ArgumentException("A start is null or lacks its run.", nameof(starts));
            WriteBatchCheck.Check(run);
            if (run is not { HostId: null, WakeAt: not null } || run.State.IsEnd() || run.RootRunId != run.Id)
                throw new ArgumentException($"Flow run {run.Id} of '{run.Flow}' cannot be started: it must be open, a root, without a host and due at some time.", nameof(starts));
            if (start.Entry is { } entry)
                Require(entry is { To: not null, Actor: not null, Reason: not null }, "ledger entry");
        }
    }

    /// <summary>Looks at a variable or a secret that is to be kept.</summary>
    /// <exception cref="ArgumentException">Its name is not allowed, its value is too large, or it lacks who set it.</exception>
    public static void Check(VariableRecord record)
    {
        Require(record is { ChangedBy: not null }, "variable");
        if (VariableRecord.FindMistake(record.Name) is { } mistake)
            throw new ArgumentException($"The variable's name '{record.Name}' is not allowed: {mistake}.", nameof(record));
        if (record.Value.Length > VariableRecord.LargestValue)
            throw new ArgumentException($"The value of '{record.Name}' has {record.Value.Length} bytes; {VariableRecord.LargestValue} are allowed.", nameof(record));
    }

    /// <summary>Looks at what hosts say about flows.</summary>
    /// <exception cref="ArgumentException">A flow has no name.</exception>
    public static void Check(IReadOnlyList<FlowRecord> flows)
    {
        ArgumentNullException.ThrowIfNull(flows);
        foreach (var flow in flows)
            Require(flow is { Name: not null, Tags: not null }, "flow");
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new ArgumentException($"A {what} is null or lacks a required value.", nameof(condition));
    }
}
