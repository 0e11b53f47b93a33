using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd.Trouble;

/// <summary>Programs that go wrong: each is explained, and the next good run goes on where they stopped.</summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task A_flow_that_throws_before_its_first_step()
    {
        using var folder = new TemporaryFolder();

        var ended = (await Start.Scenario(folder["store.db"], "fails-before-first-step", "0")).With(1).WithoutDump();

        Assert.Contains("Failing.BeforeFirstStep failed in the flow's own code", ended.Error, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException: There is nothing to bill.", ended.Error, StringComparison.Ordinal);
        Assert.Contains("Failing.cs:", ended.Error, StringComparison.Ordinal);
        Assert.Contains("amount: 0", ended.Error, StringComparison.Ordinal);
        Assert.Contains("FLETCHER_RETRY=", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_step_whose_exception_cannot_be_asked_anything() =>
        FailsAndGoesOn("fails-strangely", "StrangeException: strange");

    [Fact]
    public Task A_step_whose_parameter_cannot_be_stored() =>
        FailsAndGoesOn("step-cannot-be-given", "FLT1201: 'Unstorable.Take' was given a 'Fletcher.EndToEnd.Programs.Handle'");

    [Fact]
    public Task A_step_whose_result_cannot_be_stored() =>
        FailsAndGoesOn("cannot-be-returned", "FLT1204: 'Unstorable.Give' returned a 'Fletcher.EndToEnd.Programs.Handle'");

    [Fact]
    public async Task A_flow_whose_parameter_cannot_be_stored()
    {
        using var folder = new TemporaryFolder();

        var ended = (await Start.Scenario(folder["store.db"], "cannot-be-given"))
            .Says("FLT1201", "'Unstorable.Parameter'", "Fletcher.EndToEnd.Programs.Handle", "$.Kind");

        Assert.Contains("Program.cs:", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_thousand_lines_of_log()
    {
        using var folder = new TemporaryFolder();

        var ended = (await Start.Scenario(folder["store.db"], "logs", "100000")).With(0);

        Assert.Equal(100_001, ended.OutLines.Length);
        Assert.Equal("100000", ended.OutLines[^1]);
        Assert.True(ended.ErrorLines.Length < 10, ended.Error);
    }

    [Theory]
    [InlineData("bytes")]
    [InlineData("text")]
    public async Task A_result_of_200_megabytes_is_kept_for_the_next_run(string scenario)
    {
        using var folder = new TemporaryFolder();

        var first = (await Start.Scenario(folder["store.db"], scenario, "200")).With(1);
        var second = (await Start.Scenario(folder["store.db"], isWell: true, scenario, "200")).With(0);
        using var elsewhere = new TemporaryFolder();
        var whole = (await Start.Scenario(elsewhere["store.db"], isWell: true, scenario, "200")).With(0);

        Assert.Equal(["made"], first.OutLines);
        Assert.StartsWith("200000000 ", Assert.Single(second.OutLines), StringComparison.Ordinal);
        Assert.Equal(["made", second.OutLines[0]], whole.OutLines);
    }

    private static async Task FailsAndGoesOn(string scenario, string fragment)
    {
        using var folder = new TemporaryFolder();

        var failed = (await Start.Scenario(folder["store.db"], scenario)).With(1).WithoutDump();
        var second = (await Start.Scenario(folder["store.db"], isWell: true, scenario)).With(0);

        Assert.Contains(fragment, failed.Error, StringComparison.Ordinal);
        Assert.Contains("FLETCHER_RETRY=", failed.Error, StringComparison.Ordinal);
        Assert.Equal(["first step ran"], failed.OutLines);
        Assert.Equal(["well"], second.OutLines);
    }
}
