using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Analyzers;

public sealed class StorageTests
{
    private const string Types =
        """
        public record Order(int Id, List<Line> Lines);
        public record Line(string Text, Action? Done);
        public record Fine(int Id, [property: System.Text.Json.Serialization.JsonIgnore] Action Done);
        public interface IGateway;
        public abstract class Shape;
        [System.Text.Json.Serialization.JsonDerivedType(typeof(Circle))] public abstract class Data;
        public class Circle : Data;
        [System.Text.Json.Serialization.JsonConverter(typeof(object))] public class Custom { public Type? Type { get; set; } }
        public class Node { public Node? Next { get; set; } public object? Any { get; set; } }
        """;

    [Theory]
    [InlineData("System.IO.Stream", "handle")]
    [InlineData("System.IO.MemoryStream", "handle")]
    [InlineData("Func<int>", "delegate")]
    [InlineData("Task<Task<int>>", "await it")]
    [InlineData("Task<ValueTask>", "await it")]
    [InlineData("nint", "address")]
    [InlineData("Type", "code")]
    [InlineData("System.Reflection.MethodInfo", "code")]
    [InlineData("System.Data.Common.DbConnection", "handle")]
    [InlineData("System.Net.Http.HttpResponseMessage", "handle")]
    [InlineData("Exception", "exception")]
    [InlineData("CancellationToken", "handle")]
    [InlineData("List<System.IO.Stream>", "handle")]
    [InlineData("(int, Type)", "code")]
    [InlineData("Dictionary<string, Func<int>[]>", "delegate")]
    [InlineData("Dictionary<(int, int), int>", "key")]
    [InlineData("int[,]", "dimensions")]
    [InlineData("IEnumerator<int>", "sequence")]
    [InlineData("IQueryable<int>", "query")]
    [InlineData("IGateway", "interface")]
    [InlineData("Shape", "abstract")]
    [InlineData("Order", "member 'Lines.Done'")]
    [InlineData("Task<Order>", "member 'Lines.Done'")]
    public async Task FLT0201_A_result_that_cannot_be_stored_is_reported(string type, string reason) => Assert.Contains(
        reason, Assert.Single(await Verify.Reports("FLT0201", $"{Types} public static class S {{ [Step] public static {type} [|F|]() => default!; }}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("int")]
    [InlineData("string?")]
    [InlineData("object")]
    [InlineData("Task<int[][]>")]
    [InlineData("IEnumerable<int>")]
    [InlineData("IReadOnlyDictionary<DayOfWeek, Guid>")]
    [InlineData("Dictionary<Uri, Version>")]
    [InlineData("ISet<DateOnly>")]
    [InlineData("System.Collections.IEnumerable")]
    [InlineData("(int A, string? B)")]
    [InlineData("byte[]")]
    [InlineData("Memory<byte>")]
    [InlineData("System.Text.Json.JsonDocument")]
    [InlineData("System.Text.Json.Nodes.JsonNode")]
    [InlineData("System.Numerics.BigInteger")]
    [InlineData("Fine")]
    [InlineData("Data")]
    [InlineData("Custom")]
    [InlineData("Node")]
    [InlineData("Nothing")]
    [InlineData("System.Collections.Immutable.ImmutableArray<int>")]
    public async Task FLT0201_Data_is_not(string type) =>
        await Verify.IsClean($"{Types} public static class S {{ [Step] public static {type} F() => default!; }}");

    [Fact]
    public async Task FLT0201_Generic_results_and_sequences_are_not() => await Verify.IsClean(
        "public static class S { [Step] public static T F<T>(T x) => x; [Step] public static async IAsyncEnumerable<int> G() { await Task.Yield(); yield return 1; } }");

    [Theory]
    [InlineData("Type [|x|]")]
    [InlineData("nint [|x|]")]
    [InlineData("ValueTask<int> [|x|]")]
    [InlineData("List<Func<int>> [|x|]")]
    [InlineData("Exception [|x|]")]
    [InlineData("Order [|x|]")]
    public async Task FLT0202_A_parameter_that_cannot_be_stored_is_reported(string parameter) =>
        await Verify.Reports("FLT0202", $"{Types} public static class S {{ [Step] public static void F({parameter}) {{ }} }}");

    [Theory]
    [InlineData("System.IO.Stream x")]
    [InlineData("Func<int> x")]
    [InlineData("IGateway x")]
    [InlineData("CancellationToken x")]
    [InlineData("[NotInput] Type x")]
    [InlineData("Shape x")]
    public async Task FLT0202_What_is_no_input_or_can_be_written_is_not(string parameter) =>
        await Verify.IsClean($"{Types} public static class S {{ [Step] public static void F({parameter}) {{ }} }}");

    [Fact]
    public async Task FLT0202_Fix() => await Verify.Fixed(
        "FLT0202",
        "static class S { [Step] static void F(int n, Type [|x|]) { } }",
        "static class S { [Step] static void F(int n, [NotInput] Type x) { } }");
}
