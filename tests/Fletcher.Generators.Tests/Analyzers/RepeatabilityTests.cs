using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Analyzers;

public sealed class RepeatabilityTests
{
    [Theory]
    [InlineData("[|DateTime.Now|]")]
    [InlineData("[|DateTime.UtcNow|].AddDays(1)")]
    [InlineData("[|DateTime.Today|]")]
    [InlineData("[|DateTimeOffset.UtcNow|]")]
    [InlineData("[|Guid.NewGuid()|]")]
    [InlineData("[|Guid.CreateVersion7()|]")]
    [InlineData("[|new Random()|].Next()")]
    [InlineData("[|Random.Shared|].Next()")]
    [InlineData("[|TimeProvider.System.GetUtcNow()|]")]
    [InlineData("[|Environment.MachineName|]")]
    [InlineData("[|Environment.GetEnvironmentVariable(\"A\")|]")]
    [InlineData("new Func<DateTime>(() => [|DateTime.Now|])()")]
    public async Task FLT0101_A_read_that_differs_is_reported(string expression) =>
        await Verify.Reports("FLT0101", $"static class S {{ [Flow] static object? F() {{ return {expression}; }} }}");

    [Theory]
    [InlineData("static class S { [Step] static object F() => DateTime.Now; }")]
    [InlineData("static class S { static object F() => DateTime.Now; }")]
    [InlineData("static class S { [Flow] static object F(DateTime x) => x.Date; }")]
    [InlineData("static class S { [Flow] static object F() => new Random(42).Next(); }")]
    [InlineData("static class S { [Flow] static object F() => Step.Run(\"a\", () => DateTime.Now); }")]
    [InlineData("static class S { [Flow] static object F() => Flow.Now; }")]
    public async Task FLT0101_Others_are_not(string source) => await Verify.IsClean(source);

    [Theory]
    [InlineData("[|DateTimeOffset.UtcNow|]", "Flow.Now")]
    [InlineData("[|DateTime.UtcNow|].AddDays(1)", "Flow.Now.UtcDateTime.AddDays(1)")]
    [InlineData("[|Guid.NewGuid()|].ToString()", "Flow.NewGuid().ToString()")]
    [InlineData("Math.Abs([|new Random()|].Next())", "Math.Abs(Flow.Random.Next())")]
    public async Task FLT0101_Fix(string before, string after) => await Verify.Fixed(
        "FLT0101", $"static class S {{ [Flow] static object F() {{ return {before}; }} }}", $"static class S {{ [Flow] static object F() {{ return {after}; }} }}");

    [Fact]
    public async Task FLT0101_The_environment_has_no_fix() =>
        await Verify.HasNoFix("FLT0101", "static class S { [Flow] static object F() { return [|Environment.MachineName|]; } }");
}
