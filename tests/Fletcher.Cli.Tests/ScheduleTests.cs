namespace Fletcher.Cli.Tests;

/// <summary>What the command says of expressions, without a store.</summary>
public sealed class ScheduleTests
{
    private static Task<Said> RunAsync(params string[] arguments) => Tool.RunAsync("/nowhere/none.db", null, ["schedule", .. arguments]);

    [Fact]
    public async Task Firings_are_written_one_a_line_with_the_offset_of_the_zone() => Assert.Equal(
        "2026-10-23T06:00:00+02:00\n2026-10-26T06:00:00+01:00\n2026-10-27T06:00:00+01:00\n",
        (await RunAsync("next", "0 6 * * mon-fri", "--zone", "Europe/Berlin", "--from", "2026-10-23", "--count", "3")).Has().Out);

    [Theory]
    [InlineData("@daily", "2026-12-24", "2026-12-24T00:00:00+00:00")]
    [InlineData("every 6h", "2026-12-24T01:00", "2026-12-24T06:00:00+00:00")]
    [InlineData("every 6h", "2026-12-24T01:00-08:00", "2026-12-24T12:00:00+00:00")]
    [InlineData("FREQ=MONTHLY;BYDAY=1MO;BYHOUR=6", "2026-01-01", "2026-01-05T06:00:00+00:00")]
    [InlineData("*/10 * * * *", "2026-12-24T00:00Z", "2026-12-24T00:00:00+00:00")]
    public async Task Each_kind_of_expression_is_read(string expression, string from, string first) =>
        Assert.Equal(first, (await RunAsync("next", expression, "--from", from, "--json")).Json("scheduleNext")[0].GetString());

    [Fact]
    public async Task A_time_without_an_offset_is_in_the_zone() => Assert.Equal(
        "2026-12-24T23:00:00+05:30\n",
        (await RunAsync("next", "0 23 24 12 *", "--zone", "Asia/Kolkata", "--from", "2026-12-24T23:00", "--until", "2026-12-24T23:00:01")).Has().Out);

    [Fact]
    public async Task Ten_are_written_and_all_of_them_before_an_end()
    {
        Assert.Equal(10, (await RunAsync("next", "@hourly", "--json")).Json("scheduleNext").GetArrayLength());
        Assert.Equal(24, (await RunAsync("next", "@hourly", "--from", "2026-12-24", "--until", "2026-12-25", "--json")).Json("scheduleNext").GetArrayLength());
        Assert.Equal(2, (await RunAsync("next", "@hourly", "--from", "2026-12-24", "--until", "2026-12-25", "--count", "2", "--json")).Json("scheduleNext").GetArrayLength());
        Assert.Equal(0, (await RunAsync("next", "@daily", "--from", "2026-12-24T01:00", "--until", "2026-12-24T02:00", "--json")).Json("scheduleNext").GetArrayLength());
        (await RunAsync("next", "every 1s", "--from", "2026-01-01", "--until", "2030-01-01")).Refuses(2, "more than 1,000,000 times");
    }

    [Fact]
    public async Task Days_and_calendars_are_left_out()
    {
        using var folder = new TemporaryFolder();
        var calendar = folder.File("holidays.ics");
        await File.WriteAllTextAsync(
            calendar, "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:x\nDTSTART;VALUE=DATE:20261225\nEND:VEVENT\nEND:VCALENDAR\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("broken.ics"), "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:x\nDTSTART:20261225T000000\nRRULE:FREQ=HOURLY\nEND:VEVENT\nEND:VCALENDAR\n", TestContext.Current.CancellationToken);

        var next = (await RunAsync("next", "@daily", "--from", "2026-12-23", "--count", "2", "--exclude", "2026-12-24", "--exclude", calendar, "--json")).Json("scheduleNext");

        Assert.Equal(["2026-12-23T00:00:00+00:00", "2026-12-26T00:00:00+00:00"], next.EnumerateArray().Select(static time => time.GetString()));
        (await RunAsync("next", "@daily", "--exclude", "xmas")).Refuses(2, "--exclude is 'xmas'", "2026-12-24", "holidays.ics");
        (await RunAsync("next", "@daily", "--exclude", folder.File("broken.ics"))).Refuses(2, "FLT1703", "broken.ics", "at line 6", "repeats within a day");
    }

    [Theory]
    [InlineData("0 25 * * *", 2, "hour", "25 is out of range", "0 to 23")]
    [InlineData("0 6 * * fry", 8, "day of week", "Did you mean 'FRI'?")]
    [InlineData("every 15 parsecs", 9, "unit")]
    [InlineData("FREQ=MONTHLY;BYDAY=9MO", 19, "BYDAY")]
    [InlineData("@dayly", 0, "Did you mean '@daily'?")]
    [InlineData("0 6 * *", 7)]
    public async Task What_cannot_be_used_is_refused_with_its_place(string expression, int position, params string[] fragments)
    {
        (await RunAsync("next", expression)).RefusesAt(expression, position, ["FLT1701", $"at index {position}", .. fragments]);
        (await RunAsync("explain", expression)).RefusesAt(expression, position, "FLT1701");

        var said = (await RunAsync("next", expression, "--json")).With(2);
        Assert.Equal([], Tool.Misfits("scheduleRefusal", said.Out));
        Assert.Contains($"\"position\":{position},", said.Out, StringComparison.Ordinal);
        Assert.Contains("FLT1701", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_zones_times_and_counts_are_refused()
    {
        (await RunAsync("next", "@daily", "--zone", "Europe/Berln")).RefusesAt("Europe/Berln", 0, "FLT1702", "Did you mean 'Europe/Berlin'?");
        (await RunAsync("next", "@daily", "--from", "soon")).Refuses(2, "--from is 'soon'");
        (await RunAsync("next", "@daily", "--count", "0")).Refuses(2, "--count is '0'; allowed are 1 to 1000000");
        (await RunAsync("next", "0", "6", "*", "*", "*")).Refuses(2, "write the expression in quotes");
    }

    [Fact]
    public async Task A_schedule_is_said_in_words()
    {
        (await RunAsync("explain", "0 6 1 * *", "--zone", "Europe/Berlin")).Has("at 06:00 on the 1st of every month, Europe/Berlin", "next 2");
        var told = (await RunAsync("explain", "every 15m", "--json")).Json("scheduleExplain");
        Assert.Equal(("every 15m", "UTC", "every 15 minutes, UTC"), (told.GetProperty("expression").GetString(), told.GetProperty("zone").GetString(), told.GetProperty("description").GetString()));
    }
}
