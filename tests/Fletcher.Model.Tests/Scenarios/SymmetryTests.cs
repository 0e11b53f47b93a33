using Fletcher.Model.Tests.Exploring;
using Fletcher.Model.Tests.Protocol;

namespace Fletcher.Model.Tests.Scenarios;

/// <summary>Taking hosts as alike leaves nothing out and adds nothing.</summary>
public sealed class SymmetryTests
{
    [Fact]
    public void Every_state_is_met_under_one_of_its_names_and_no_other_is()
    {
        var scenario = new Scenario("O Wa") { Messages = ["0a"], Crashes = 1, Hosts = 3 };
        var alike = new Explorer(new LeaseProtocol(scenario)).Explore(limit: 300_000);
        var named = new Named(new LeaseProtocol(scenario));
        var all = new Explorer(named).Explore(limit: 300_000);

        Assert.True(all.States > alike.States, "nothing was taken as alike");
        Assert.Equal(alike.States, named.CanonicalStates.Count);
    }

    /// <summary>The same system with every host by its name; it notes which states it would be without.</summary>
    private sealed class Named(ISystem system) : ISystem
    {
        internal HashSet<string> CanonicalStates { get; } = [];

        public byte[] Start => system.Start;

        public void Next(byte[] state, List<Transition> transitions) => system.Next(state, transitions);

        public byte[] Canonical(byte[] state)
        {
            CanonicalStates.Add(Convert.ToHexString(system.Canonical(state)));
            return state;
        }

        public Violation? Check(byte[] before, Transition transition) => system.Check(before, transition);

        public bool IsEnd(byte[] state) => system.IsEnd(state);

        public string Describe(byte[] state) => system.Describe(state);
    }
}
