using System.Reflection;
using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Registry;

/// <summary>How a step is undone, and that every setting of the attributes reaches the definitions.</summary>
public sealed class UndoDefinitionTests
{
    // Templates are compiled into the calls, and RetryIf into a delegate; these have tests of their own.
    private static readonly Dictionary<string, string> Values = new()
    {
        ["Id"] = "\"x\"",
        ["Retries"] = "3",
        ["MaxConcurrency"] = "2",
        ["Backoff"] = "\"1s\"",
        ["Jitter"] = "0.5",
        ["RetryOn"] = "new[] { typeof(TimeoutException) }",
        ["NoRetryOn"] = "new[] { typeof(TimeoutException) }",
        ["RetryIf"] = "nameof(Is)",
        ["Timeout"] = "\"1s\"",
        ["TotalTimeout"] = "\"1s\"",
        ["Delivery"] = "Delivery.AtMostOnce",
        ["ReadOnly"] = "true",
        ["Cache"] = "\"1s\"",
        ["CacheBy"] = "CacheBy.Inputs",
        ["OnDrift"] = "OnDrift.Stop",
        ["Undo"] = "nameof(Back)",
        ["Limit"] = "\"smtp\"",
        ["LimitWeight"] = "2",
        ["OnFailure"] = "OnFailure.Wait",
        ["Isolation"] = "Isolation.Process",
        ["MemoryLimit"] = "\"512 MiB\"",
        ["KeepFor"] = "\"7d\"",
        ["KeepFailedFor"] = "\"8d\"",
        ["KeepOnceFor"] = "\"400d\"",
        ["Keep"] = "5",
        ["KeepFailed"] = "6",
        ["OnRerun"] = "OnRerun.New",
        ["Tags"] = "new[] { \"a\" }",
        ["Schedule"] = "\"@daily\"",
        ["Zone"] = "\"Europe/Berlin\"",
        ["CatchUp"] = "Fletcher.Scheduling.CatchUpPolicy.All",
        ["Overlap"] = "Fletcher.Scheduling.OverlapPolicy.Skip",
    };

    private static readonly string[] Templates = ["Name", "Key", "Target", "Once", "LimitKey"];

    public static TheoryData<string, string> Settings() =>
    [
        .. new[] { typeof(StepAttribute), typeof(FlowAttribute) }.SelectMany(type => type
            .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(property => !Templates.Contains(property.Name))
            .Select(property => (type.Name.Replace("Attribute", "", StringComparison.Ordinal), property.Name))),
    ];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Each_setting_of_an_attribute_reaches_the_definition(string attribute, string setting)
    {
        const string Others = "static bool Is(Exception e) => true; [Step] static void Back() { }";
        var set = Of($"[{attribute}({setting} = {Values[setting]})] static void F() {{ }} {Others}");
        var unset = Of($"[{attribute}] static void F() {{ }} {Others}");

        object? Of(string members)
        {
            var registry = Generated.From($"static class S {{ {members} }}").Registry();
            object definition = attribute == "Flow" ? registry.Flows[0] : registry.Steps.Single(step => step.Id != "S.Back");
            return definition.GetType().GetProperty(setting)!.GetValue(definition);
        }

        Assert.NotEqual(unset, set);
    }

    [Fact]
    public void A_step_in_a_program_that_compiles_as_it_is_has_its_undo_whatever_the_two_look_like()
    {
        var program = Generated.From(
            """
            public record Receipt(string? Number);
            public interface IGateway { }
            public class Billing(int n)
            {
                [Step(Undo = nameof(Refund))] private async ValueTask<Receipt?> Charge(string? who, IGateway gateway, int amount = 1) { await Task.Yield(); return null; }
                [Step] private void Refund(Receipt? receipt, string? who, IGateway gateway, int tries = 3, CancellationToken c = default) { _ = n; }
                [Step(Undo = nameof(Forget))] static async IAsyncEnumerable<int> Read() { await Task.Yield(); yield return 1; }
                [Step] static int Forget(IReadOnlyList<int> read) => 1;
                [Flow] public async Task Run(IGateway gateway) { await Charge("a", gateway); await foreach (var x in Read()) { } Store(1); }
                [Step(Undo = nameof(Unstore))] internal static int? Store(int x) => x;
                [Step] internal static void Unstore(int? stored) { }
            }
            public record struct Point(int X) { [Step(Undo = nameof(Back))] public void Go() { } [Step] public void Back() { } }
            """);

        Assert.Equal(
            ["Billing.Charge", "Billing.Read", "Billing.Store", "Point.Go"],
            program.Registry().Steps.Where(step => step.Undo is not null).Select(step => step.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_undo_that_does_not_fit_leaves_the_rest_of_the_program_as_it_is() =>
        Assert.All(Generated.From("static class S { [Step(Undo = \"X\")] static void F() { } }").Registry().Steps, step => Assert.Null(step.Undo));
}
