using System.Runtime.CompilerServices;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Xunit;

namespace Fletcher.Core.Tests.Diagnosis;

public sealed class StackFramesTests
{
    [Theory]
    [InlineData("Billing.LoadUsage(String csv)", "Billing", "LoadUsage")]
    [InlineData("Billing.<LoadUsage>d__3.MoveNext()", "Billing", "LoadUsage")]
    [InlineData("My.App.Billing.<LoadUsage>d__3`1.MoveNext()", "My.App.Billing", "LoadUsage")]
    [InlineData("Program.<>c__DisplayClass0_0.<<Main>$>b__0(Int32 x)", "Program", "Main (lambda)")]
    [InlineData("Program.<>c.<<<Main>$>b__0_1>d.MoveNext()", "Program", "Main (lambda)")]
    [InlineData("Program.<<Main>$>g__Foo|0_1(String a)", "Program", "Main.Foo")]
    [InlineData("Program.<<<Main>$>g__Foo|0_0>d.MoveNext()", "Program", "Main.Foo")]
    [InlineData("Billing.<>c__DisplayClass3_0.<Invoice>g__Price|1()", "Billing", "Invoice.Price")]
    [InlineData("Program.<Main>$(String[] args)", "Program", "Main")]
    [InlineData("Billing..ctor(String a)", "Billing", "new")]
    [InlineData("Billing..cctor()", "Billing", "static constructor")]
    [InlineData("Billing.Rates`1.Find[TKey](TKey key, Func`2 f)", "Billing.Rates", "Find")]
    [InlineData("Outer+Inner.Do()", "Outer.Inner", "Do")]
    [InlineData("<billing>FD8E2A0B3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6F708192A3B4C5D6E7F__Billing.Load()", "Billing", "Load")]
    [InlineData("System.Collections.Generic.List`1[System.Int32].get_Item(Int32 i)", "System.Collections.Generic.List", "get_Item")]
    public void Compiler_made_names_become_those_of_the_source(string call, string type, string method)
    {
        var frame = Assert.Single(StackFrames.Parse($"   at {call} in /home/ada/billing.cs:line 42"));

        Assert.Equal((type, method), (frame.Type, frame.Method));
        Assert.Equal("/home/ada/billing.cs:42", frame.Location);
    }

    [Fact]
    public void Lines_that_are_no_frames_are_passed_over()
    {
        var frames = StackFrames.Parse(
            "   at A.B()\n--- End of stack trace from previous location ---\n   at C.D(String s) in C:\\src\\my app\\c.cs:line 7\r\nnonsense\n");

        Assert.Equal(["A.B", "C.D"], frames.Select(static f => f.Member));
        Assert.Equal((null, "C:\\src\\my app\\c.cs:7"), (frames[0].Location, frames[1].Location));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("at at at (((( in :line")]
    [InlineData("   at <<<<.>>>>()")]
    [InlineData("   at .()")]
    public void Whatever_the_text_is_reading_it_does_not_throw(string? text) => Assert.NotNull(StackFrames.Parse(text));

    [Fact]
    public void The_own_frame_is_that_of_the_innermost_exception()
    {
        var error = Error("   at App.Outer() in /app/outer.cs:line 1",
            Error("   at System.Data.X()\n   at App.Inner() in /app/inner.cs:line 2\n   at App.Caller() in /app/caller.cs:line 3"));

        Assert.Equal("/app/inner.cs:2", StackFrames.FindOwn(error)!.Location);
    }

    [Fact]
    public void Frames_of_the_platform_of_fletcher_and_of_generated_code_are_not_own()
    {
        var error = Error("""
               at System.IO.File.Open() in /_/src/File.cs:line 1
               at Microsoft.Data.Sqlite.SqliteCommand.ExecuteReader() in /_/x.cs:line 2
               at Fletcher.Engine.FlowRun.RunAsync() in /fletcher/engine.cs:line 3
               at App.Interceptors.Load() in /obj/Fletcher.Interceptors.g.cs:line 4
               at Third.Party.Client.Send() in /_/src/client.cs:line 5
               at Fletcher.Samples.Billing.Load() in /samples/billing.cs:line 6
            """);

        Assert.Equal("Fletcher.Samples.Billing.Load", StackFrames.FindOwn(error)!.Member);
    }

    [Fact]
    public void Without_files_the_first_own_member_is_told_and_without_own_members_nothing()
    {
        Assert.Equal(("App.Load", null), Found(Error("   at System.X.Y()\n   at App.Load()")));
        Assert.Null(StackFrames.FindOwn(Error("   at System.X.Y()")));

        static (string, string?) Found(ErrorRecord error) =>
            StackFrames.FindOwn(error) is { } frame ? (frame.Member, frame.Location) : default;
    }

    [Fact]
    public async Task Real_stack_traces_are_read()
    {
        var fromLambda = await Catch(async () => { await Task.Yield(); Fail(); });
        var fromLocal = await Catch(Local);
        static async Task Local() { await Task.Yield(); Fail(); }

        foreach (var error in new[] { fromLambda, fromLocal })
        {
            var frame = StackFrames.FindOwn(error)!;
            Assert.EndsWith($"{nameof(StackFramesTests)}.{nameof(Fail)}", frame.Member, StringComparison.Ordinal);
            Assert.EndsWith("StackFramesTests.cs", frame.File, StringComparison.Ordinal);
        }
        Assert.Contains(StackFrames.Parse(fromLambda.StackTrace),
            static f => f.Method == nameof(Real_stack_traces_are_read) + " (lambda)");
        Assert.Contains(StackFrames.Parse(fromLocal.StackTrace),
            static f => f.Method == nameof(Real_stack_traces_are_read) + ".Local");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fail() => throw new InvalidOperationException("x");

    private static async Task<ErrorRecord> Catch(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (InvalidOperationException e)
        {
            return ErrorCapture.Capture(e);
        }
        throw new InvalidOperationException("nothing was thrown");
    }

    private static ErrorRecord Error(string stack, params ErrorRecord[] inner) =>
        new() { Type = "X", Message = "x", StackTrace = stack, Inner = inner };
}
