using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Fletcher.Diagnosis;
using Fletcher.Model;
using Xunit;

namespace Fletcher.Core.Tests.Diagnosis;

public sealed class AdviceTests
{
    private static readonly Dictionary<string, Exception[]> Examples = new()
    {
        ["cancelled"] = [new OperationCanceledException()],
        ["missing-table"] = [new FakeDbException("SQLite Error 1: 'no such table: x'."), new FakeDbException("relation \"x\" does not exist", "42P01")],
        ["missing-column"] = [new FakeDbException("SQLite Error 1: 'no such column: y'."), new FakeDbException("x", "42703")],
        ["unique"] = [new FakeDbException("SQLite Error 19: 'UNIQUE constraint failed: t.id'."), new FakeDbException("x", "23505")],
        ["foreign-key"] = [new FakeDbException("SQLite Error 19: 'FOREIGN KEY constraint failed'."), new FakeDbException("x", "23503")],
        ["constraint"] = [new FakeDbException("SQLite Error 19: 'NOT NULL constraint failed: t.a'."), new FakeDbException("x", "23514")],
        ["deadlock"] = [new FakeDbException("x", "40P01"), new FakeDbException("x", "40001")],
        ["database-locked"] = [new FakeDbException("SQLite Error 5: 'database is locked'."), new FakeDbException("SQLite Error 517: 'snapshot'.")],
        ["disk-full"] = [new IOException("No space left on device", 28), new FakeDbException("SQLite Error 13: 'database or disk is full'."), new FakeDbException("x", "53100")],
        ["out-of-memory"] = [new OutOfMemoryException()],
        ["dns"] = [new SocketException((int)SocketError.HostNotFound), new HttpRequestException("Name or service not known (api.example:443)")],
        ["connection-refused"] = [new SocketException((int)SocketError.ConnectionRefused), new HttpRequestException("x", new SocketException((int)SocketError.ConnectionRefused))],
        ["tls"] = [new AuthenticationException("The remote certificate is invalid"), new HttpRequestException("The SSL connection could not be established", new AuthenticationException())],
        ["unauthorized"] = [Http(401), new FakeDbException("x", "28P01")],
        ["forbidden"] = [Http(403), new FakeDbException("x", "42501")],
        ["not-found"] = [Http(404)],
        ["too-many-requests"] = [Http(429)],
        ["service-unavailable"] = [Http(503), Http(500)],
        ["timeout"] = [new TimeoutException(), new StepTimeoutException("x"), new TaskCanceledException("x", new TimeoutException("y", new TaskCanceledException("z", new IOException("w", new SocketException((int)SocketError.OperationAborted)))))],
        ["file-not-found"] = [new FileNotFoundException(), new DirectoryNotFoundException()],
        ["access-denied"] = [new UnauthorizedAccessException()],
        ["json"] = [new JsonException("'<' is an invalid start of a value.")],
        ["null-reference"] = [new NullReferenceException()],
    };

    public static TheoryData<string> Ids => [.. Advice.Catalogue.Select(static entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_entry_advises_on_its_examples(string id)
    {
        var entry = Advice.Catalogue.Single(e => e.Id == id);

        Assert.NotEmpty(Examples[id]);
        foreach (var example in Examples[id])
            Assert.Equal([entry.Advice], Advice.For(ErrorCapture.Capture(example)));
    }

    [Fact]
    public void The_innermost_known_error_is_the_one_that_is_told()
    {
        var advice = Advice.For(ErrorCapture.Capture(
            new InvalidOperationException("outer", new HttpRequestException("x", new SocketException((int)SocketError.HostNotFound)))));

        Assert.Contains("host name cannot be resolved", Assert.Single(advice), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_causes_at_once_get_two_pieces_of_advice_at_the_most()
    {
        var error = ErrorCapture.Capture(new AggregateException(Http(404), Http(404), Http(429), new NullReferenceException()));

        Assert.Equal(2, Advice.For(error).Count);
    }

    [Fact]
    public void An_unknown_failure_gets_none() =>
        Assert.Empty(Advice.For(ErrorCapture.Capture(new InvalidOperationException("tariff is closed"))));

    private static HttpRequestException Http(int status) => new("x", null, (HttpStatusCode)status);
}
