using System.Text.Json;
using Fletcher.EndToEnd.Isolation;
using Fletcher.EndToEnd.Running;
using Fletcher.Model;

namespace Fletcher.EndToEnd;

/// <summary>A flow that is run in place of the statements of its program, as <c>fletcher run</c> asks for it.</summary>
public sealed class AskedFlowTests : IsolationTest
{
    [Fact]
    public async Task The_flow_is_run_with_its_parameters_and_the_statements_are_not_executed()
    {
        var ended = (await Ask("Ordinary.Hello", "name=12")).With(0);

        Assert.Equal(["flow on stdout", "step on stdout", "\"Hello 12!\""], ended.OutLines);
        Assert.Contains(ended.ErrorLines, static line => line.Contains("Ordinary.Hello completed", StringComparison.Ordinal));
        var run = await ReadRun();
        Assert.Equal((FlowRunState.Completed, "{\"name\":\"12\"}"), (run.State, System.Text.Encoding.UTF8.GetString(run.Parameters)));
    }

    [Fact]
    public async Task A_flow_with_a_process_of_its_own_has_one_and_sees_no_hook()
    {
        var ended = (await Ask("Isolated.Answers", "name=ada")).With(0);

        var pid = Assert.Single(Pids(ended.Out));
        Assert.Equal($"\"ada {pid} - -\"", ended.OutLines[^1]);
    }

    [Fact]
    public async Task A_failure_is_explained_with_how_to_ask_for_the_flow_again()
    {
        var ended = (await Ask("Isolated.Throws")).With(1).WithoutDump();

        Assert.Contains("InvalidOperationException: stumbled over a stone", ended.Error, StringComparison.Ordinal);
        Assert.Contains($"fletcher run programs.cs Isolated.Throws --store {Store} --retry {(await ReadRun()).Id}", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Ordinary.Helo", "name=x", "FLT1516", "Did you mean 'Ordinary.Hello'?", "It has: ")]
    [InlineData("Ordinary.Hello", "nam=x", "FLT1517", "'name' is missing", "'nam' is unknown")]
    [InlineData("Ordinary.Hello", "name", "FLT1517", "'name' has no value", "name=value")]
    public async Task What_does_not_fit_is_refused_before_anything_is_kept(string flow, string parameter, string id, params string[] fragments)
    {
        var ended = (await Ask(flow, parameter)).With(2);

        var line = Assert.Single(ended.ErrorLines);
        Assert.All([id, .. fragments], fragment => Assert.Contains(fragment, line, StringComparison.Ordinal));
        Assert.Equal("", ended.Out);
    }

    [Fact]
    public async Task What_was_not_written_by_the_command_is_refused() =>
        Assert.Contains("FLT1434", (await Start.Program(Repository.Programs, [], Hooked("Ordinary.Hello"))).With(2).Error, StringComparison.Ordinal);

    private Task<Ended> Ask(string flow, params string[] given) => Start.Program(
        Repository.Programs, [],
        Hooked(JsonSerializer.Serialize(new { program = "programs.cs", store = Store, flow, parameters = (string?)null, given })));

    private Dictionary<string, string?> Hooked(string asked) => new()
    {
        ["FLETCHER_STORE"] = Store,
        ["DOTNET_STARTUP_HOOKS"] = "Fletcher",
        ["FLETCHER_RUN_FLOW"] = asked,
    };
}
