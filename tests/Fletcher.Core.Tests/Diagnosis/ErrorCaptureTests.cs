using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Xunit;

namespace Fletcher.Core.Tests.Diagnosis;

public sealed class ErrorCaptureTests
{
    [Fact]
    public void A_thrown_exception_is_kept_with_type_message_stack_and_cause()
    {
        var cause = RunId.New(TimeProvider.System);
        var record = ErrorCapture.Capture(Thrown(new InvalidOperationException("no tariff")), cause, 7);

        Assert.Equal("System.InvalidOperationException", record.Type);
        Assert.Equal("no tariff", record.Message);
        Assert.Contains(nameof(Thrown), record.StackTrace, StringComparison.Ordinal);
        Assert.Equal((cause, 7), (record.CauseRunId!.Value, record.CauseSequence));
    }

    public static TheoryData<Exception, string?> Codes => new()
    {
        { new HttpRequestException("x", null, HttpStatusCode.ServiceUnavailable), "HTTP 503" },
        { new HttpRequestException("x"), null },
        { new SocketException((int)SocketError.ConnectionRefused), "SOCKET ConnectionRefused" },
        { new FakeDbException("deadlock detected", "40P01"), "SQLSTATE 40P01" },
        { new FakeDbException("SQLite Error 1: 'no such table: x'."), "SQLITE 1" },
        { new FakeDbException("something else"), null },
        { new IOException("No space left on device", 28), "ERRNO 28" },
        { new IOException("full", unchecked((int)0x80070070)), "ERRNO 28" },
        { new IOException("plain"), null },
        { new System.ComponentModel.Win32Exception(2), "ERRNO 2" },
        { new InvalidOperationException(), null },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void The_structured_code_is_kept(Exception exception, string? code) =>
        Assert.Equal(code, ErrorCapture.Capture(exception).Code);

    [Fact]
    public void All_inner_exceptions_of_an_aggregate_are_kept_in_order()
    {
        var record = ErrorCapture.Capture(new AggregateException(
            new InvalidOperationException("a", new FormatException("a1")), new TimeoutException("b")));

        Assert.Equal(["a", "b"], record.Inner.Select(static i => i.Message));
        Assert.Equal("a1", record.Inner[0].Inner[0].Message);
    }

    [Fact]
    public void At_most_twenty_inner_exceptions_are_kept_in_all()
    {
        var wide = new AggregateException(Enumerable.Range(0, 500)
            .Select(static i => new AggregateException(new FormatException($"{i}"), new FormatException($"{i}b"))));

        Assert.Equal(ErrorCapture.MaxInner, Count(ErrorCapture.Capture(wide)));

        static int Count(ErrorRecord record) => record.Inner.Sum(static i => 1 + Count(i));
    }

    [Fact]
    public void A_deep_chain_is_cut()
    {
        var deep = Enumerable.Range(0, 1_000).Aggregate(new Exception("core"), static (inner, i) => new Exception($"{i}", inner));

        var depth = 0;
        for (var record = ErrorCapture.Capture(deep); record.Inner.Count > 0; record = record.Inner[0])
            depth++;
        Assert.Equal(ErrorCapture.MaxDepth, depth);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('€')]
    public void A_huge_message_is_cut_to_its_bytes_and_says_so(char c)
    {
        var message = ErrorCapture.Capture(new FormatException(new string(c, 1_000_000))).Message;

        Assert.InRange(Encoding.UTF8.GetByteCount(message), ErrorCapture.MaxMessageBytes - 8, ErrorCapture.MaxMessageBytes);
        Assert.Contains("cut from 1,000,000 characters", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_never_splits_a_surrogate_pair()
    {
        for (var start = 0; start < 4; start++)
        {
            var cut = ErrorCapture.Shorten(new string('x', start) + string.Concat(Enumerable.Repeat("😀", 100)), 100)!;
            Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)));
        }
    }

    [Fact]
    public void An_exception_whose_properties_throw_is_still_kept()
    {
        var record = ErrorCapture.Capture(new HostileException());

        Assert.Equal(typeof(HostileException).FullName, record.Type);
        Assert.Contains("reading it threw System.NotSupportedException", record.Message, StringComparison.Ordinal);
        Assert.Contains("reading it threw", record.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void A_null_message_and_a_rule_that_throws_do_no_harm()
    {
        var record = ErrorCapture.Capture(new NullMessageException(), classifier: new FailureClassifier([new ThrowingRule()]));

        Assert.Equal("", record.Message);
        Assert.Equal(FailureClass.Code, record.Class);
    }

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception caught)
        {
            return caught;
        }
    }

    private sealed class HostileException : Exception
    {
        public override string Message => throw new NotSupportedException();

        public override string StackTrace => throw new NotSupportedException();
    }

    private sealed class NullMessageException : Exception
    {
        public override string Message => null!;
    }

    private sealed class ThrowingRule : IFailureRule
    {
        public FailureClass? Classify(Exception exception) => throw new InvalidOperationException("rule");
    }
}
