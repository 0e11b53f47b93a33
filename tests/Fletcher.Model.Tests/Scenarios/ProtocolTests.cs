using Fletcher.Model.Tests.Exploring;
using Fletcher.Model.Tests.Protocol;

namespace Fletcher.Model.Tests.Scenarios;

public sealed class ProtocolTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("E")]
    [InlineData("O")]
    [InlineData("E O")]
    [InlineData("R E")]
    [InlineData("E|O")]
    public void Try(string flow)
    {
        var exploration = new Explorer(new LeaseProtocol(new Scenario(flow) { Crashes = 1, WrongDeaths = 1 })).Explore(3_000_000);
        output.WriteLine(exploration.ToString());
        Assert.Null(exploration.Violation);
    }
}
