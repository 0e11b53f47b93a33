using CsCheck;

namespace Fletcher.Scheduling.Tests;

/// <summary>For starts a &lt; b, the firings from b are the tail of those from a: of every kind of schedule, wherever a and b are.</summary>
public sealed class TailTests
{
    private const int Most = 3_000;

    private static readonly Gen<Schedule> Schedules = Gen.Select(Expressions.Any, Expressions.One(ZoneChanges.All.Select(change => change.Zone.Id).Distinct().ToArray()), Gen.Int[0, 9])
        .Select((text, zone, narrowed) =>
        {
            var schedule = Schedule.Parse(text, zone);
            var middle = new DateTimeOffset(2015, 6, 1, 12, 0, 0, TimeSpan.Zero);
            return narrowed switch
            {
                0 => schedule.StartingAt(middle),
                1 => schedule.EndingAt(middle),
                2 => schedule.Except(ExcludedDays.Of(Enumerable.Range(0, 15_000).Where(day => day % 3 != 0).Select(day => new DateOnly(2000, 1, 1).AddDays(day)))),
                _ => schedule,
            };
        });

    [Fact]
    public void From_any_two_starts() =>
        Gen.Select(Schedules, Gen.Int[0, ZoneChanges.All.Count - 1], Gen.Long[-200_000, 200_000], Gen.Long[0, 500_000])
            .Sample((schedule, change, seconds, apart) =>
            {
                // Near changes of clocks, of this zone or of others.
                var a = ZoneChanges.All[change].At.ToDateTimeOffset().AddSeconds(seconds);
                var b = a.AddSeconds(apart);
                var tail = schedule.Between(a, b.AddDays(20)).Where(firing => firing.Time >= b).Take(Most);
                Assert.Equal(tail.ToList(), schedule.Between(b, b.AddDays(20)).Take(Most).ToList());
            }, iter: ZoneChanges.IsLong ? 10_000 : 800, threads: 2, print: sample => $"{sample.Item1.Text} in {sample.Item1.Zone}");

    [Fact]
    public void From_one_firing_to_the_next() =>
        Gen.Select(Schedules, Gen.Int[0, ZoneChanges.All.Count - 1]).Sample((schedule, change) =>
        {
            var at = ZoneChanges.All[change].At.ToDateTimeOffset().AddDays(-1);
            var expected = schedule.After(at).Take(40).ToList();
            foreach (var firing in expected)
            {
                Assert.Equal(firing, schedule.Next(at));
                at = firing.Time;
            }
        }, iter: ZoneChanges.IsLong ? 5_000 : 150, threads: 2, print: sample => $"{sample.Item1.Text} in {sample.Item1.Zone}");

    [Fact]
    public void Backwards_they_are_the_same() =>
        Gen.Select(Schedules, Gen.Int[0, ZoneChanges.All.Count - 1], Gen.Long[0, 900_000]).Sample((schedule, change, seconds) =>
        {
            var from = ZoneChanges.All[change].At.ToDateTimeOffset().AddSeconds(-seconds);
            var to = from.AddSeconds(seconds + 5_000);
            Assert.Equal(schedule.Between(from, to).Reverse().ToList(), schedule.BetweenNewestFirst(from, to).ToList());
        }, iter: ZoneChanges.IsLong ? 10_000 : 100, threads: 2, print: sample => $"{sample.Item1.Text} in {sample.Item1.Zone}");

    [Fact]
    public void The_text_of_a_schedule_gives_the_same_schedule() =>
        Schedules.Sample(schedule =>
        {
            var again = Schedule.Parse(schedule.Text, schedule.Zone);
            Assert.Equal(schedule.Text, again.Text);
            var from = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
            var plain = Schedule.Parse(schedule.Text, schedule.Zone).After(from).Take(5);
            Assert.Equal(plain, again.After(from).Take(5));
            Assert.NotEmpty(schedule.Describe());
        }, iter: 200);
}
