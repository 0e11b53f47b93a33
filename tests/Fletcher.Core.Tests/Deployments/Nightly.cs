using Fletcher.Scheduling;

namespace Fletcher.Hosting.Tests;

/// <summary>Flows that are deployed.</summary>
internal static class Nightly
{
    [Flow(Tags = ["reports"])]
    internal static async Task<string> Report([ScheduledTime] DateOnly day, string customer = "all", int copies = 1)
    {
        await Task.Yield();
        return $"{day:yyyy-MM-dd} {customer} {copies}";
    }

    [Flow]
    internal static async Task<string> Clock([ScheduledTime] DateTimeOffset at, [ScheduledTime] DateTime local)
    {
        await Task.Yield();
        return $"{at:O} {local:O}";
    }

    [Flow]
    internal static async Task<int> Hold(string gate, int number = 0) => await Orders.GateOf(gate).PassAsync(number);

    // Every host of these tests declares it; it does not fire within them.
    [Flow(Schedule = "0 0 1 1 *", Zone = "Europe/Berlin", Overlap = OverlapPolicy.Skip, CatchUp = CatchUpPolicy.All)]
    internal static async Task<int> Yearly([ScheduledTime] DateTime at)
    {
        await Task.Yield();
        return at.Year;
    }
}
