using Fletcher.Model.Tests.Exploring;
using Fletcher.Model.Tests.Protocol;

namespace Fletcher.Model.Tests.Scenarios;

/// <summary>
/// What docs/protocol.md says is not guaranteed is really so: each window is open in the right protocol, to a host that was wrongly
/// taken for dead and to a step that was left behind, and to nobody else.
/// </summary>
public sealed class WindowTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("E", nameof(Window.EffectAfterItsResult))]
    [InlineData("E", nameof(Window.EffectAfterTheEnd))]
    [InlineData("O", nameof(Window.EffectAfterUnknown))]
    [InlineData("O", nameof(Window.TwiceWhenAsked))]
    public void A_stalled_host_can_come_through_the_window(string flow, string window)
    {
        var exploration = Explore(new Scenario(flow) { WrongDeaths = 1, Asks = 1, Window = Enum.Parse<Window>(window) });

        Assert.Equal(window, exploration.Violation?.Property);
    }

    [Fact]
    public void A_step_that_is_left_behind_by_a_cancel_can_come_through_the_window()
    {
        var exploration = Explore(new Scenario("E") { Messages = ["0!"], Window = Window.EffectAfterTheEnd });

        Assert.Equal(nameof(Window.EffectAfterTheEnd), exploration.Violation?.Property);
    }

    [Theory]
    [InlineData("E", nameof(Window.EffectAfterItsResult))]
    [InlineData("O", nameof(Window.EffectAfterUnknown))]
    public void A_step_that_is_left_behind_by_a_hand_over_can_come_through_the_window(string flow, string window)
    {
        var exploration = Explore(new Scenario(flow) { HandOvers = 1, Window = Enum.Parse<Window>(window) });

        Assert.Equal(window, exploration.Violation?.Property);
    }

    [Theory]
    [InlineData("E", nameof(Window.EffectAfterItsResult))]
    [InlineData("E", nameof(Window.EffectAfterTheEnd))]
    [InlineData("O", nameof(Window.EffectAfterUnknown))]
    public void A_host_that_is_really_dead_does_not_come_through(string flow, string window)
    {
        var exploration = Explore(new Scenario(flow) { Crashes = 1, Window = Enum.Parse<Window>(window) });

        Assert.Null(exploration.Violation);
    }

    /// <summary>The window of at-least-once steps does not open for an at-most-once step that was never asked for again.</summary>
    [Fact]
    public void An_at_most_once_effect_never_follows_its_result() =>
        Assert.Null(Explore(new Scenario("O") { Crashes = 1, WrongDeaths = 1, Window = Window.EffectAfterItsResult }).Violation);

    private Exploration Explore(Scenario scenario)
    {
        var exploration = new Explorer(new LeaseProtocol(scenario)).Explore(limit: 100_000);
        output.WriteLine(exploration.ToString());
        return exploration;
    }
}
