using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Analyzers;

public sealed class DeclarationAnalyzerTests
{
    [Theory]
    [InlineData("[Step] static void F(ref int [|x|]) { }", "passed by ref")]
    [InlineData("[Step] static void F(out int [|x|]) => x = 1;", "out parameter")]
    [InlineData("[Step] static void F(in int [|x|]) { }", "passed by in")]
    [InlineData("[Flow] static void F(ReadOnlySpan<char> [|x|]) { }", "lives on the stack")]
    [InlineData("[Step] static unsafe void F(int* [|x|]) { }", "lives on the stack")]
    [InlineData("[Step] static Span<int> [|F|](int[] x) => x;", "lives on the stack")]
    [InlineData("static int n; [Step] static ref int [|F|]() => ref n;", "returns a reference")]
    public async Task FLT0003_References_are_reported(string method, string reason) =>
        Assert.Contains(reason, Assert.Single(await Verify.Reports("FLT0003", $"class S {{ {method} }}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("KeepFor = [|\"soon\"|]", "'soon' is not a duration")]
    [InlineData("KeepFailedFor = [|\"59s\"|]", "'59s' is shorter than 1 minute")]
    [InlineData("Keep = [|0|]", "0 is less than 1")]
    [InlineData("KeepFailed = [|-1|]", "-1 is less than 1")]
    public async Task FLT0004_How_long_runs_are_kept_is_checked(string setting, string reason) => Assert.Contains(
        reason,
        Assert.Single(await Verify.Reports("FLT0004", $"class S {{ [Flow({setting})] static void F() {{ }} }}")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Retries = [|-1|]", "less than 0")]
    [InlineData("Jitter = [|1.5|]", "1.5 is not between 0 and 1")]
    [InlineData("Backoff = [|\"1s, soon\"|]", "delay 2 ('soon')")]
    [InlineData("Backoff = [|\"exponential\"|]", "first delay is missing")]
    [InlineData("Timeout = [|\"30\"|]", "'30' is not a duration")]
    [InlineData("TotalTimeout = [|\"1s1m\"|]", "not larger")]
    [InlineData("Cache = [|\"\"|]", "empty")]
    [InlineData("RetryOn = [|new[] { typeof(string) }|]", "'string' is not an exception")]
    [InlineData("Limit = [|\" \"|]", "not empty")]
    [InlineData("Limit = \"smtp\", LimitWeight = [|0|]", "0 is not between 1 and 1,000,000")]
    [InlineData("LimitWeight = [|2|]", "there is no Limit")]
    [InlineData("LimitKey = [|\"x\"|]", "there is no Limit")]
    [InlineData("NoRetryOn = [|new[] { typeof(Hidden) }|]", "make it internal")]
    public async Task FLT0004_A_malformed_setting_is_reported(string setting, string reason) => Assert.Contains(
        reason,
        Assert.Single(await Verify.Reports("FLT0004", $"class S {{ class Hidden : Exception; [Step({setting})] static void F() {{ }} }}")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("[|\"much\"|]", "a number is expected at 'much'")]
    [InlineData("[|\"512\"|]", "the number has no unit")]
    [InlineData("[|\"512 mb\"|]", "'mb' is no unit")]
    [InlineData("[|\"63 MiB\"|]", "less than 64 MiB")]
    [InlineData("[|\"1e9 GiB\"|]", "'e9 GiB' is no unit")]
    public async Task FLT0004_A_malformed_size_is_reported(string size, string reason) => Assert.Contains(
        reason,
        Assert.Single(await Verify.Reports("FLT0004", $"class S {{ [Flow(Isolation = Isolation.Process, MemoryLimit = {size})] static void F() {{ }} }}")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("class S { [Flow(MemoryLimit = [|\"1 GiB\"|])] static void F() { } }", "set Isolation = Isolation.Process")]
    [InlineData("class S { [Flow(Isolation = [|Isolation.Process|])] static void F<T>(T x) { } }", "generic")]
    [InlineData("class S<T> { [Flow(Isolation = [|Isolation.Process|])] static void F() { } }", "generic")]
    [InlineData("class S { [Flow(Isolation = [|Isolation.Process|])] static void F(Func<int> x) { } }", "delegate")]
    public async Task FLT0020_A_process_of_its_own_that_cannot_be_is_reported(string source, string reason) =>
        Assert.Contains(reason, Assert.Single(await Verify.Reports("FLT0020", source)), StringComparison.Ordinal);

    [Theory]
    [InlineData("[Step(Retries = 3, Backoff = \"exponential 1s x3 max 5m\", Jitter = 1, Timeout = \"1h30m\", TotalTimeout = \"1.5s\", Cache = \"24h\")]")]
    [InlineData("[Step(RetryOn = new[] { typeof(TimeoutException) }, RetryIf = nameof(Is))]")]
    [InlineData("[Step(Limit = \"smtp\", LimitKey = \"{x}\", LimitWeight = 3)]")]
    [InlineData("[Flow(Limit = \"smtp\", LimitKey = \"{x:D3}\", LimitWeight = 1000000)]")]
    [InlineData("[Flow(Retries = 1, Backoff = \"1s, 10s\", Timeout = \"1d\", Once = \"{x}\", Name = \"n {x:D3}\")]")]
    [InlineData("[Flow(Isolation = Isolation.Process, MemoryLimit = \"1.5 GiB\")]")]
    public async Task FLT0004_Good_settings_are_not(string attribute) =>
        await Verify.IsClean($"class S {{ {attribute} static void F(int x) {{ }} static bool Is(Exception e) => true; }}");

    [Theory]
    [InlineData("Name = [|\"{y}\"|]", "'y' is not a parameter of 'F'; it has x")]
    [InlineData("Key = [|\"{x.Id}\"|]", "'string' has no accessible property or field 'Id'")]
    [InlineData("Target = [|\"{x\"|]", "not closed")]
    [InlineData("Limit = \"smtp\", LimitKey = [|\"{y}\"|]", "'y' is not a parameter of 'F'; it has x")]
    [InlineData("Key = [|\"x}\"|]", "closes nothing")]
    [InlineData("Key = [|\"{x:D2}\"|]", "takes no format")]
    public async Task FLT0005_A_wrong_template_is_reported(string setting, string reason) => Assert.Contains(
        reason, Assert.Single(await Verify.Reports("FLT0005", $"class S {{ [Step({setting})] static void F(string x) {{ }} }}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("[Step(Target = [|\"a\"|])] static int F() => 1;")]
    [InlineData("[Step(Target = [|\"a\"|])] static Task<int[]> F() => Task.FromResult(new int[1]);")]
    public async Task FLT0008_A_target_with_a_result_is_reported(string method) => await Verify.Reports("FLT0008", $"class S {{ {method} }}");

    [Theory]
    [InlineData("[Step(Target = \"a\")] static void F() { }")]
    [InlineData("[Step(Target = \"a\")] static Task F() => Task.CompletedTask;")]
    [InlineData("[Step(Target = \"a\")] static ValueTask<string> F() => new(\"\");")]
    public async Task FLT0008_A_path_or_nothing_is_not(string method) => await Verify.IsClean($"class S {{ {method} }}");

    [Theory]
    [InlineData("[Step(RetryIf = [|\"Is\"|])] static void F() { }")]
    [InlineData("[Step(RetryIf = [|nameof(Is)|])] static void F() { } bool Is(Exception e) => true;")]
    [InlineData("[Step(RetryIf = [|nameof(Is)|])] static void F() { } static bool Is(TimeoutException e) => true;")]
    [InlineData("[Step(RetryIf = [|nameof(Is)|])] static void F() { } static int Is(Exception e) => 1;")]
    public async Task FLT0009_A_condition_that_does_not_fit_is_reported(string members) => await Verify.Reports("FLT0009", $"class S {{ {members} }}");

    [Fact]
    public async Task FLT0010_Read_only_and_at_most_once_is_reported() => await Verify.Reports(
        "FLT0010", "class S { [Step(Delivery = Delivery.AtMostOnce, ReadOnly = [|true|])] static void F() { } }");

    [Fact]
    public async Task FLT0011_Retries_at_most_once_are_reported() => await Verify.Reports(
        "FLT0011", "class S { [Step(Delivery = Delivery.AtMostOnce, Retries = [|2|])] static void F() { } }");

    [Theory]
    [InlineData("class S { [Step(Id = \"a\")] void F() { } [Step(Id = \"a\")] void [|G|]() { } }")]
    [InlineData("namespace A { class S { [Step] void F() { } } } namespace B { class S { [Step] void [|F|]() { } } }")]
    public async Task FLT0012_A_second_method_of_the_same_id_is_reported(string source) => await Verify.Reports("FLT0012", source);

    [Theory]
    [InlineData("class S { [Step] void F() { } [Step] void F(int x) { } }")]
    [InlineData("class S { [Step(Id = \"a\")] void F() { } [Flow(Id = \"a\")] void G() { } }")]
    [InlineData("partial class S { [Step] partial void F(int x); partial void F(int x) { } }")]
    public async Task FLT0012_Others_are_not(string source) => await Verify.IsClean(source);

    [Fact]
    public async Task FLT0013_Fix() => await Verify.Fixed(
        "FLT0013",
        "class S { [Step] async void [|F|]() { await Task.Yield(); } }",
        "class S { [Step] async Task F() { await Task.Yield(); } }");

    [Fact]
    public async Task FLT0014_Both_attributes_are_reported() =>
        await Verify.Reports("FLT0014", "class S { [[|Step|], Flow] static void F() { } }");
}
