using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Registry;

/// <summary>What the registry says of the methods of an assembly.</summary>
public sealed class DefinitionTests
{
    [Fact]
    public void All_settings_of_a_step_are_carried_over()
    {
        var step = Definitions.Step(
            """
            [Step(Id = "charge", Retries = 3, Backoff = "1s, 10s", Jitter = 0.25, RetryOn = new[] { typeof(TimeoutException) },
                NoRetryOn = new[] { typeof(ArgumentException) }, Timeout = "5s", TotalTimeout = "1m", Delivery = Delivery.AtMostOnce,
                ReadOnly = true, Cache = "24h", CacheBy = CacheBy.Inputs, OnDrift = OnDrift.Reuse, Limit = "smtp", LimitWeight = 3)]
            static void Charge() { }
            """);

        Assert.Equal("charge", step.Id);
        Assert.Equal(3, step.Retries);
        Assert.Equal("1s, 10s", step.Backoff);
        Assert.Equal(0.25, step.Jitter);
        Assert.Equal([typeof(TimeoutException)], step.RetryOn);
        Assert.Equal([typeof(ArgumentException)], step.NoRetryOn);
        Assert.Equal("5s", step.Timeout);
        Assert.Equal("1m", step.TotalTimeout);
        Assert.Equal(Delivery.AtMostOnce, step.Delivery);
        Assert.True(step.ReadOnly);
        Assert.Equal("24h", step.Cache);
        Assert.Equal(CacheBy.Inputs, step.CacheBy);
        Assert.Equal(OnDrift.Reuse, step.OnDrift);
        Assert.Equal(("smtp", 3), (step.Limit, step.LimitWeight));
    }

    [Fact]
    public void All_settings_of_a_flow_are_carried_over()
    {
        var flow = Definitions.Flow(
            """[Flow(Id = "bill", Retries = 2, Backoff = "exponential 1s", Timeout = "1h", OnRerun = OnRerun.New, OnFailure = OnFailure.Wait, Limit = "month", LimitWeight = 2, Tags = new[] { "a" })] static void Bill() { }""");

        Assert.Equal("bill", flow.Id);
        Assert.Equal(2, flow.Retries);
        Assert.Equal("exponential 1s", flow.Backoff);
        Assert.Equal("1h", flow.Timeout);
        Assert.Equal(OnRerun.New, flow.OnRerun);
        Assert.Equal(OnFailure.Wait, flow.OnFailure);
        Assert.Equal(["a"], flow.Tags);
        Assert.Equal(("month", 2), (flow.Limit, flow.LimitWeight));
    }

    [Fact]
    public void Lists_may_be_collection_expressions()
    {
        var step = Definitions.Step("[Step(RetryOn = [typeof(TimeoutException)])] static void Charge() { }");

        Assert.Equal([typeof(TimeoutException)], step.RetryOn);
    }

    [Theory]
    [InlineData("Retries = -1")]
    [InlineData("Limit = \"\"")]
    [InlineData("LimitWeight = 0")]
    [InlineData("Backoff = \"soon\"")]
    [InlineData("Timeout = \"5\"")]
    [InlineData("Jitter = 2.0")]
    [InlineData("RetryIf = \"Missing\"")]
    [InlineData("RetryOn = new[] { typeof(Hidden) }")]
    public void A_setting_that_an_analyzer_refuses_counts_as_absent(string setting)
    {
        var step = Definitions.Step($"class Hidden : Exception; [Step({setting})] static void Charge() {{ }}");

        Assert.Equal(0, step.Retries);
        Assert.Equal(0, step.Jitter);
        Assert.Null(step.Backoff);
        Assert.Null(step.Timeout);
        Assert.Null(step.RetryIf);
        Assert.Empty(step.RetryOn);
    }

    [Theory]
    [InlineData("public static class Billing", "public")]
    [InlineData("static class Billing", "private")]
    [InlineData("public class Billing", "private")]
    public void RetryIf_is_a_delegate_wherever_the_method_stands(string type, string access)
    {
        var step = Definitions.Step(
            $"[Step(RetryIf = nameof(IsTransient))] static void Charge() {{ }} {access} static bool IsTransient(Exception e) => e is TimeoutException;", type);

        Assert.NotNull(step.RetryIf);
        Assert.True(step.RetryIf(new TimeoutException()));
        Assert.False(step.RetryIf(new InvalidOperationException()));
    }

    [Fact]
    public void The_place_is_the_line_of_the_name()
    {
        var step = Assert.Single(Generated.From("static class Billing\n{\n    [Step]\n    static void Charge() { }\n}").Registry().Steps);

        Assert.Equal("Program.cs", step.File);
        Assert.Equal(4, step.Line);
    }

    [Fact]
    public void The_summary_is_plain_text()
    {
        var step = Definitions.Step(
            """

            /// <summary>
            /// Charges <see cref="System.Int32"/> of <paramref name="x"/> &amp; more,
            /// <b>once</b>.
            /// </summary>
            /// <param name="x">X.</param>
            [Step] static void Charge(int x) { }
            """);

        Assert.Equal("Charges Int32 of x & more, once.", step.Summary);
    }

    [Theory]
    [InlineData("[Step] static void Charge() { }")]
    [InlineData("/// text\n[Step] static void Charge() { }")]
    [InlineData("/// <summary>unclosed\n[Step] static void Charge() { }")]
    public void Without_a_readable_comment_there_is_no_summary(string member) => Assert.Null(Definitions.Step("\n" + member).Summary);
}
