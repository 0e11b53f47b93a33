using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Xunit;

namespace Fletcher.Core.Tests.Diagnosis;

public sealed class FailureClassifierTests
{
    public static TheoryData<Exception, FailureClass> Known => new()
    {
        { new NullReferenceException(), FailureClass.Code },
        { new ArgumentException("x"), FailureClass.Code },
        { new OperationCanceledException(), FailureClass.Cancelled },
        { new TaskCanceledException("slow", new TimeoutException()), FailureClass.Timeout },
        { new TimeoutException(), FailureClass.Timeout },
        { new StepTimeoutException("5 s"), FailureClass.Timeout },
        { new OutOfMemoryException(), FailureClass.Infrastructure },
        { new StoreUnavailableException("FLT1101", "gone"), FailureClass.Infrastructure },
        { Http(401), FailureClass.Configuration },
        { Http(404), FailureClass.Input },
        { Http(408), FailureClass.Timeout },
        { Http(429), FailureClass.Dependency },
        { Http(503), FailureClass.Dependency },
        { new HttpRequestException("x", new SocketException((int)SocketError.ConnectionRefused)), FailureClass.Dependency },
        { new HttpRequestException("x"), FailureClass.Dependency },
        { new SocketException((int)SocketError.TimedOut), FailureClass.Timeout },
        { new AuthenticationException(), FailureClass.Configuration },
        { new UnauthorizedAccessException(), FailureClass.Configuration },
        { new FileNotFoundException(), FailureClass.Input },
        { new IOException("disk"), FailureClass.Infrastructure },
        { new IOException("stream", new SocketException((int)SocketError.ConnectionReset)), FailureClass.Dependency },
        { new JsonException(), FailureClass.Input },
        { new FormatException(), FailureClass.Input },
        { new FakeDbException("x", "40P01"), FailureClass.Dependency },
        { new FakeDbException("x", "42P01"), FailureClass.Dependency },
        { new FakeDbException("x", "42601"), FailureClass.Code },
        { new FakeDbException("x", "23505"), FailureClass.Input },
        { new FakeDbException("x", "28P01"), FailureClass.Configuration },
        { new FakeDbException("x", "53100"), FailureClass.Infrastructure },
        { new FakeDbException("SQLite Error 1: 'no such table: x'."), FailureClass.Dependency },
        { new FakeDbException("SQLite Error 1: 'near \"SELCT\": syntax error'."), FailureClass.Code },
        { new FakeDbException("SQLite Error 5: 'database is locked'."), FailureClass.Dependency },
        { new FakeDbException("SQLite Error 13: 'database or disk is full'."), FailureClass.Infrastructure },
        { new FakeDbException("SQLite Error 14: 'unable to open database file'."), FailureClass.Configuration },
        { new FakeDbException("SQLite Error 19: 'UNIQUE constraint failed: t.id'."), FailureClass.Input },
        { new InvalidOperationException("wrapped", Http(503)), FailureClass.Dependency },
        { new AggregateException(new FormatException()), FailureClass.Input },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void The_built_in_rule_knows(Exception exception, FailureClass expected) =>
        Assert.Equal(expected, FailureClassifier.Default.Classify(exception));

    [Fact]
    public void A_rule_of_the_program_comes_first_and_is_asked_for_inner_exceptions_too()
    {
        var classifier = new FailureClassifier([new TariffRule()]);

        Assert.Equal(FailureClass.Input, classifier.Classify(new InvalidOperationException("x", new TariffException())));
        Assert.Equal(FailureClass.Code, classifier.Classify(new InvalidOperationException("x")));
    }

    private static HttpRequestException Http(int status) => new("x", null, (HttpStatusCode)status);

    private sealed class TariffException : Exception;

    private sealed class TariffRule : IFailureRule
    {
        public FailureClass? Classify(Exception exception) => exception is TariffException ? FailureClass.Input : null;
    }
}
