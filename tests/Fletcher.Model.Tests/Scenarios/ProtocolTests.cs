using Fletcher.Model.Tests.Exploring;
using Fletcher.Model.Tests.Protocol;

namespace Fletcher.Model.Tests.Scenarios;

/// <summary>The protocol holds, whatever is chosen: every interleaving of the scenario, and every moment of its troubles.</summary>
public sealed class ProtocolTests(ITestOutputHelper output)
{
    [Fact]
    public void Results_are_kept_and_effects_follow_their_commits() =>
        Holds(new("E R O") { Crashes = 1, WrongDeaths = 1 }, thorough: new("E R O E") { Crashes = 1, WrongDeaths = 2 });

    [Fact]
    public void Steps_in_parallel_do_not_wait_for_each_other() =>
        Holds(new("E|O") { Crashes = 1, WrongDeaths = 1 }, thorough: new("R E|O E") { Crashes = 1, WrongDeaths = 1, HandOvers = 1 });

    [Fact]
    public void A_host_that_stalls_twice_changes_nothing() =>
        Holds(new("O") { WrongDeaths = 2 }, thorough: new("O") { Crashes = 1, WrongDeaths = 2, Hosts = 3 });

    [Fact]
    public void Looks_at_rows_may_be_stale() =>
        Holds(new("E O") { Crashes = 1, WrongDeaths = 1, HandOvers = 1, StaleLooks = true });

    [Fact]
    public void An_error_may_stand_for_a_commit() =>
        Holds(new("E O") { Crashes = 1, WrongDeaths = 1, Doubts = 1 }, thorough: new("E O") { Crashes = 2, WrongDeaths = 1, Doubts = 2, Hosts = 3 });

    [Fact]
    public void A_hand_over_races_with_a_declaration_of_death() =>
        Holds(new("O") { WrongDeaths = 1, HandOvers = 1, Doubts = 1, StaleLooks = true, DeathBudget = 1 });

    [Fact]
    public void A_step_that_became_Unknown_runs_again_only_when_asked() =>
        Holds(new("O") { Crashes = 1, WrongDeaths = 1, Doubts = 1, Asks = 1 });

    [Fact]
    public void A_run_that_loses_too_many_hosts_fails() =>
        Holds(new("O") { Crashes = 1, WrongDeaths = 2, DeathBudget = 1, Asks = 1 });

    [Fact]
    public void A_signal_races_with_park_and_claim_and_death() =>
        Holds(new("E Wa") { Messages = ["0a"], Crashes = 1, WrongDeaths = 1 }, thorough: new("Wa") { Messages = ["0a"], Crashes = 1, WrongDeaths = 1, Doubts = 1, HandOvers = 1 });

    [Fact]
    public void Signals_of_one_name_go_to_one_wait_each() =>
        Holds(new("Wa Wa") { Messages = ["0a", "0a"], Crashes = 1 }, thorough: new("Wa Wa") { Messages = ["0a", "0a"], Crashes = 1, WrongDeaths = 1 });

    [Fact]
    public void Waits_in_parallel_take_a_signal_each() =>
        Holds(new("Wa|Wa") { Messages = ["0a", "0a"] }, thorough: new("Wa|Wa") { Messages = ["0a", "0a"], HandOvers = 1 });

    [Fact]
    public void A_signal_that_is_sent_again_is_the_same() =>
        Holds(new("Wb Ta") { Messages = ["0a", "0b"], Resends = 1, TimedParks = 1 }, thorough: new("Wb Ta") { Messages = ["0a", "0b"], Resends = 1, Doubts = 1 });

    [Fact]
    public void A_wait_ends_with_its_signal_or_with_its_time() =>
        Holds(new("Ta O") { Messages = ["0a"], Crashes = 1 }, thorough: new("Ta O") { Messages = ["0a", "0!"], Crashes = 1 });

    [Fact]
    public void A_cancel_races_with_park() =>
        Holds(new("Wa") { Messages = ["0!", "0a"], Crashes = 1 }, thorough: new("Wa") { Messages = ["0!", "0a"], Crashes = 1, WrongDeaths = 1 });

    [Fact]
    public void A_cancel_races_with_effects_and_a_wrong_death() =>
        Holds(new("O") { Messages = ["0!"], WrongDeaths = 1 }, thorough: new("O") { Messages = ["0!"], WrongDeaths = 1, HandOvers = 1 });

    [Fact]
    public void A_wait_beside_a_step_does_not_park_it() =>
        Holds(new("Wa|O") { Messages = ["0a"], Crashes = 1 }, thorough: new("Wa|O") { Messages = ["0a"], Crashes = 1, WrongDeaths = 1 });

    [Fact]
    public void Two_runs_share_a_writer() =>
        Holds(new("E", "O") { WrongDeaths = 1 }, thorough: new("E", "O") { Crashes = 1, WrongDeaths = 1 });

    [Fact]
    public void Two_runs_share_an_inbox() =>
        Holds(new("Wa", "R") { Messages = ["0a"] }, thorough: new("Wa", "R") { Messages = ["0a"], Crashes = 1 });

    /// <param name="scenario">What every run of the tests explores.</param>
    /// <param name="thorough">What FLETCHER_TEST_LONG=1 explores beside it.</param>
    private void Holds(Scenario scenario, Scenario? thorough = null)
    {
        Holds(scenario, limit: 200_000);
        if (thorough is not null && Environment.GetEnvironmentVariable("FLETCHER_TEST_LONG") == "1")
            Holds(thorough, limit: 6_000_000);
    }

    private void Holds(Scenario scenario, int limit)
    {
        var exploration = new Explorer(new LeaseProtocol(scenario)).Explore(limit);

        output.WriteLine($"{scenario}: {exploration}");
        Assert.Null(exploration.Violation);
        Assert.NotEqual(0, exploration.Ends);
    }
}
