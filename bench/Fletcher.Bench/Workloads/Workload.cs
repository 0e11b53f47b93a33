using Fletcher.Bench.Reporting;

namespace Fletcher.Bench.Workloads;

/// <summary>One of the workloads by which Fletcher is judged.</summary>
internal abstract class Workload
{
    internal static IReadOnlyList<Workload> All { get; } =
    [
        new Light40(), new ThreeStep(), new Seq1000(), new Fan10K(), new Fan1M(), new Flows10K(), new Resume100K(), new Start(),
        new Startup(), new Parked100K(), new Queue1M(), new Runs1M(), new Limit(), new Schedules100K(),
    ];

    internal abstract string Name { get; }

    /// <summary>Whether it can be measured on a database server.</summary>
    internal virtual bool IsForServers => false;

    internal abstract IAsyncEnumerable<Row> RunAsync(Lab lab);
}
