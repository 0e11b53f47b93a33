using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Analyzers;

/// <summary>FLT0015: what a step names as its undo must be able to undo it.</summary>
public sealed class UndoTests
{
    private const string Types = "record Order(int Id); record Receipt(string Number); interface IGateway { }";

    [Theory]
    [InlineData("\"Nothing\"", "", "has no method of this name")]
    [InlineData("nameof(Undo)", "static void Undo() { }", "it is no step; mark it [Step]")]
    [InlineData("nameof(Undo)", "[Flow] static void Undo() { }", "it is a flow")]
    [InlineData("nameof(Undo)", "[Step(Undo = nameof(Other))] static void Undo() { } [Step] static void Other() { }", "it has an Undo itself")]
    [InlineData("nameof(Charge)", "", "it has an Undo itself")]
    [InlineData("nameof(Undo)", "[Step] static void Undo(string why) { }", "its parameter 'why' is neither a parameter of 'Charge' nor its result")]
    [InlineData("nameof(Undo)", "[Step] static void Undo(long amount) { }", "its parameter 'amount' is 'long', and that of 'Charge' is 'int'")]
    [InlineData("nameof(Undo)", "[Step] static void Undo(Receipt a, Receipt b) { }", "its parameter 'b' is neither")]
    [InlineData("nameof(Undo)", "[Step] static void Undo<T>(T amount) { }", "it is generic")]
    [InlineData("nameof(Undo)", "[Step] static void Undo(Receipt r) { } [Step] static void Undo(int amount) { }", "2 overloads of it fit")]
    public async Task An_undo_that_does_not_fit_is_reported(string undo, string members, string reason)
    {
        var source = $"{Types} static class S {{ [Step(Undo = [|{undo}|])] static Task<Receipt> Charge(Order order, int amount) => null!; {members} }}";

        Assert.Contains(reason, Assert.Single(await Verify.Reports("FLT0015", source)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[Step] static void Undo() { }")]
    [InlineData("[Step] static Task Undo(int amount, Order order) => Task.CompletedTask;")]
    [InlineData("[Step] static int Undo(Receipt receipt, CancellationToken stop) => 1;")]
    [InlineData("[Step] static void Undo(Receipt r, IGateway gateway, Order order, string how = \"gently\", params int[] more) { }")]
    [InlineData("[Step] static void Undo(Receipt? r) { }")]
    [InlineData("[Step] static void Undo(Receipt r) { } static void Undo(string other) { }")]
    public async Task An_undo_that_fits_is_not(string undo) => await Verify.IsClean(
        $"{Types} static class S {{ [Step(Undo = nameof(Undo))] static Task<Receipt> Charge(Order order, int amount, CancellationToken c = default) => null!; {undo} }}");

    [Theory]
    [InlineData("class B { [Step] protected static void Undo(int x) { } } class S : B { [Step(Undo = nameof(Undo))] static void F(int x) { } }")]
    [InlineData("abstract class B { [Step] public abstract void Undo(int x); } class S : B { [Step(Undo = nameof(Undo))] void F(int x) { } public override void Undo(int x) { } }")]
    [InlineData("interface I { [Step(Undo = nameof(Undo))] int F(int x); [Step] void Undo(int result); }")]
    [InlineData("class S { [Step(Undo = nameof(Undo))] static async IAsyncEnumerable<int> F() { yield return 1; } [Step] static void Undo(List<int> all) { } }")]
    [InlineData("record struct S(int N) { [Step(Undo = nameof(Undo))] void F() { } [Step] void Undo() { } }")]
    public async Task It_may_stand_in_a_base_type_and_be_called_on_what_the_step_is_called_on(string source) => await Verify.IsClean(source);

    [Theory]
    [InlineData("class S<T> { [Step(Undo = [|nameof(Undo)|])] static void F() { } [Step] static void Undo() { } }")]
    [InlineData("record S(int N) { [Step(Undo = [|nameof(Undo)|])] static void F() { } [Step] void Undo() { } }")]
    [InlineData("class S { [Step(Undo = [|nameof(Undo)|])] static void F(int x) { } [Step] static void Undo(ref int x) { } }")]
    public async Task What_cannot_be_kept_is_reported(string source) =>
        Assert.NotEmpty(source.Contains("ref int", StringComparison.Ordinal) ? ["FLT0003 too"] : await Verify.Reports("FLT0015", source));

    [Fact]
    public async Task The_fix_writes_the_undo_step() => await Verify.Fixed(
        "FLT0015",
        """
        record Receipt(string Number);
        static class S
        {
            [Step(Retries = 2, Undo = [|"Refund"|])]
            internal static async Task<Receipt> Charge(int amount, CancellationToken stop = default)
            {
                await Task.Yield();
                return new Receipt("1");
            }
        }
        """,
        """
        record Receipt(string Number);
        static class S
        {
            [Step(Retries = 2, Undo = "Refund")]
            internal static async Task<Receipt> Charge(int amount, CancellationToken stop = default)
            {
                await Task.Yield();
                return new Receipt("1");
            }

            [Step]
            internal static Task Refund(int amount, Receipt receipt) => throw new NotImplementedException("Take back what Charge did.");
        }
        """);

    [Fact]
    public async Task The_fix_corrects_the_parameters_and_the_attribute() => await Verify.Fixed(
        "FLT0015",
        """
        class S
        {
            [Step(Undo = [|nameof(Refund)|])]
            void Charge(int amount, string who) { }

            // Back it goes.
            void Refund(long amount, string who, bool gently, CancellationToken stop) { }
        }
        """,
        """
        class S
        {
            [Step(Undo = nameof(Refund))]
            void Charge(int amount, string who) { }

            // Back it goes.
            [Step]
            void Refund(int amount, string who, CancellationToken stop) { }
        }
        """);

    [Theory]
    [InlineData("class S { [Step(Undo = [|nameof(U)|])] void F() { } [Flow] void U() { } }")]
    [InlineData("class S { [Step(Undo = [|nameof(U)|])] void F(int x) { } [Step] void U() { } [Step] void U(int x) { } }")]
    public async Task Where_there_is_no_one_way_there_is_no_fix(string source) => await Verify.HasNoFix("FLT0015", source);
}
