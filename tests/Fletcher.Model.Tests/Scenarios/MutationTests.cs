using Fletcher.Model.Tests.Exploring;
using Fletcher.Model.Tests.Protocol;

namespace Fletcher.Model.Tests.Scenarios;

/// <summary>The checker can fail: each protocol that is wrong in one place is found out, by the property that is for it.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    public static TheoryData<string> All => [.. Enum.GetNames<Mutation>().Where(name => name != nameof(Mutation.None))];

    [Theory]
    [MemberData(nameof(All))]
    public void A_protocol_that_is_wrong_in_one_place_is_found_out(string mutation)
    {
        var (scenario, property) = Mutants.Of(Enum.Parse<Mutation>(mutation));

        var exploration = new Explorer(new LeaseProtocol(scenario)).Explore(limit: 300_000);

        output.WriteLine($"{mutation} in {scenario}");
        output.WriteLine(exploration.ToString());
        Assert.Equal(property, exploration.Violation?.Property);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_right_protocol_holds_in_the_same_scenario(string mutation)
    {
        var (scenario, _) = Mutants.Of(Enum.Parse<Mutation>(mutation));

        var exploration = new Explorer(new LeaseProtocol(scenario with { Mutation = Mutation.None })).Explore(limit: 300_000);

        output.WriteLine($"{scenario}: {exploration}");
        Assert.Null(exploration.Violation);
    }
}
