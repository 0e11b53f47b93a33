using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>Results and parameters of any shape are kept, and what cannot be kept is said.</summary>
public sealed class ValueTests
{
    [Fact]
    public async Task Results_of_many_shapes_come_back_as_they_were()
    {
        var store = new SurvivingStore();
        Work.Fails = true;
        await using (var first = new TestHost(store))
            await Assert.ThrowsAsync<IOException>(() => first.Run(() => Work.Shapes()));
        Work.Fails = false;

        await using var host = new TestHost(store.Reopen());
        Assert.Equal(Work.Seen[0], await host.Run(() => Work.Shapes()));
        Assert.All(await host.Steps(), s => Assert.Equal(1, s.Attempt));
    }

    [Fact]
    public async Task A_result_that_cannot_be_stored_fails_the_step_and_says_of_which_type()
    {
        await using var host = TestHost.InMemory();

        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.ReturnsNonsense()));

        Assert.Equal("FLT1204", error.Id);
        Assert.Contains("IntPtr", error.Message, StringComparison.Ordinal);
        Assert.Equal(StepRunState.Failed, (await host.Step("Nonsense")).State);
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task A_result_of_the_flow_whose_property_throws_fails_the_run_and_does_not_leave_it_open()
    {
        await using var host = TestHost.InMemory();

        Assert.Equal("FLT1204", (await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.ReturnsBomb()))).Id);
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task A_parameter_that_cannot_be_written_fails_the_step_and_names_it()
    {
        await using var host = TestHost.InMemory();

        Assert.Equal("FLT1201", (await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.PassesBomb()))).Id);
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
        Assert.Equal(StepRunState.Failed, (await host.Step("TakesBomb")).State);
    }

    [Fact]
    public async Task An_exception_that_nothing_can_be_asked_is_recorded_all_the_same()
    {
        await using var host = TestHost.InMemory();

        var isThrown = false;
        try
        {
            await host.Run(() => Work.Hostile());
        }
        catch (Work.HostileException)
        {
            isThrown = true; // xunit's own means would ask it for its message
        }

        Assert.True(isThrown);
        Assert.Contains("HostileException", (await host.Step("ThrowsHostile")).Error!.Type, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task The_cause_of_a_failure_is_the_step_that_threw_first_through_wrapping_and_aggregates()
    {
        await using var host = TestHost.InMemory();

        await Assert.ThrowsAsync<AggregateException>(() => host.Run(() => Work.Wraps()));

        var run = await host.OnlyRun();
        var guilty = (await host.Steps()).Single(s => s.Step.Name.EndsWith("Guilty", StringComparison.Ordinal));
        Assert.Equal((run.Id, guilty.Sequence), (run.Error!.CauseRunId!.Value, run.Error.CauseSequence));
    }

    [Fact]
    public async Task Names_tags_artifacts_and_progress_are_kept()
    {
        await using var host = TestHost.InMemory();

        await host.Run(() => Work.Decorated("Oslo"));

        var run = await host.OnlyRun();
        Assert.Equal(("invoices of Oslo", "billing, added"), (run.Name, string.Join(", ", run.Tags)));
        Assert.Equal("invoice Oslo", (await host.Step("Decorate")).Name);
        var artifacts = await host.Store.GetArtifactsAsync(run.Id, TestContext.Current.CancellationToken);
        Assert.Equal(["notes 0", "progress 1", "table 1"], artifacts.Select(a => $"{a.Key} {a.Sequence}").Order());
        Assert.Contains("0.75", artifacts.Single(a => a.Key == "progress").Content, StringComparison.Ordinal);
    }

    internal static class Work
    {
        internal enum Colour
        {
            Red,
            Green,
        }

        internal static bool Fails { get; set; }

        internal static List<string> Seen { get; } = [];

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Shapes()
        {
            var tuple = await Tuple();
            var order = await Nested();
            var map = await Map();
            var bytes = await Bytes();
            var large = await Large();
            var numbers = await Numbers();
            Empty();
            await Nothing();
            var sequence = new List<int>();
            await foreach (var n in Sequence(4))
                sequence.Add(n);
            var text = $"{tuple} {order} {string.Join(',', order!.Lines.Select(l => l.ToString()))} {string.Join(',', map.Select(p => $"{p.Key}={p.Value}"))} "
                + $"{Convert.ToHexString(bytes)} {large.Length} {string.Join(',', numbers)} {await Null() ?? "null"} {await Missing()} "
                + $"{Day():O} {await Paint()} {string.Join(',', sequence)}";
            Seen.Add(text);
            return Fails ? throw new IOException() : text;
        }

        [Flow]
        internal static async Task ReturnsNonsense() => await Nonsense();

        [Flow]
        internal static async Task<Bomb> ReturnsBomb()
        {
            await Task.Yield();
            return new Bomb();
        }

        [Flow]
        internal static async Task PassesBomb() => await TakesBomb(new Bomb());

        [Flow]
        internal static async Task Hostile() => await ThrowsHostile();

        [Flow]
        internal static async Task Wraps()
        {
            await Innocent();
            try
            {
                await Guilty();
            }
            catch (IOException e)
            {
                throw new AggregateException(new ArgumentException("wrapped", e), new InvalidOperationException());
            }
        }

        [Flow(Name = "invoices of {city}", Tags = ["billing"])]
        internal static async Task Decorated(string city)
        {
            Flow.Current.AddTag("added");
            Flow.Report.Markdown("notes", "# hello");
            await Decorate(city);
        }

        [Step]
        internal static async Task<(int A, string? B)> Tuple() => await Later((1, (string?)null));

        [Step]
        internal static async Task<Order?> Nested() => await Later(new Order(7, [new("a", 1.5m), new("b", null)], Colour.Green, new DateOnly(2026, 2, 28)));

        [Step]
        internal static async Task<Dictionary<string, int>> Map() => await Later(new Dictionary<string, int> { ["x"] = 1, ["y"] = 2 });

        [Step]
        internal static async Task<byte[]> Bytes() => await Later(new byte[] { 0, 1, 255 });

        [Step]
        internal static async Task<string> Large() => await Later(new string('x', 5_000_000));

        [Step]
        internal static async Task<double[]> Numbers() => await Later(new[] { double.NaN, double.PositiveInfinity, 0.1 });

        [Step]
        internal static async ValueTask<string?> Null() => await Later((string?)null);

        [Step]
        internal static async Task<int?> Missing() => await Later((int?)null);

        [Step]
        internal static DateOnly Day() => new(2026, 10, 1);

        [Step]
        internal static async Task<Colour> Paint() => await Later(Colour.Green);

        [Step]
        internal static void Empty()
        {
        }

        [Step]
        internal static async ValueTask Nothing() => await Task.Yield();

        [Step]
        internal static async IAsyncEnumerable<int> Sequence(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await Task.Yield();
                yield return i;
            }
        }

#pragma warning disable FLT0201 // What the analyzer says at compile time is here what the engine says at run time.
        [Step]
        internal static async Task<IntPtr[]> Nonsense() => await Later(new IntPtr[] { 1 });
#pragma warning restore FLT0201

        [Step]
        internal static async Task TakesBomb(Bomb bomb) => await Task.Yield();

        [Step]
        internal static Task ThrowsHostile() => throw new HostileException();

        [Step]
        internal static async Task Innocent() => await Task.Yield();

        [Step]
        internal static Task Guilty() => throw new IOException("me");

        [Step(Name = "invoice {city}")]
        internal static async Task Decorate(string city)
        {
            await Task.Yield();
            Flow.Report.Progress(0.5);
            Flow.Report.Progress(0.75, "nearly");
            Flow.Report.Table("table", new[] { new { City = city } });
        }

        private static async Task<T> Later<T>(T value)
        {
            await Task.Yield();
            return value;
        }

        internal sealed record Line(string Name, decimal? Price);

        internal sealed record Order(int Id, IReadOnlyList<Line> Lines, Colour Colour, DateOnly Day)
        {
            public override string ToString() => $"{Id} {Colour} {Day:O}";
        }

        internal sealed class Bomb
        {
            public int Value => throw new ArithmeticException("boom");
        }

        internal sealed class HostileException : Exception
        {
            public override string Message => throw new InvalidOperationException();

            public override System.Collections.IDictionary Data => null!;

            public IntPtr Handle => 7;
        }
    }
}
