namespace Fletcher.Engine.Tests;

/// <summary>A fan-out over a list that has changed since: what is new runs, what was there is not taken for it.</summary>
public sealed class FanOutDriftTests
{
    [Fact]
    public async Task An_item_that_is_put_in_front_of_a_fan_out_of_at_most_once_steps_is_new_and_the_others_are_reused()
    {
        var store = new SurvivingStore();
        Mails.Addresses = ["b", "c", "bad"];
        await using (var host = new TestHost(store))
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.Run(() => Mails.SendAll()));
        Assert.Equal(["b", "bad", "c"], Mails.Sent.Order());

        Mails.Addresses = ["a", "b", "c"];
        await using var again = new TestHost(store.Reopen());
        await again.Run(() => Mails.SendAll());

        Assert.Equal(["a", "b", "bad", "c"], Mails.Sent.Order());
    }

    [Fact]
    public async Task Strands_that_come_to_an_at_most_once_step_in_another_order_have_not_drifted()
    {
        var store = new SurvivingStore();
        Letters.Names = ["a", "b"];
        Letters.Broken = "b";
        Letters.Sent.Clear();
        await using (var host = new TestHost(store))
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.Run(() => Letters.SendAll()));
        Assert.Equal(["a"], Letters.Sent);

        Letters.Names = ["b", "a"];
        Letters.Broken = "";
        await using var again = new TestHost(store.Reopen());
        await again.Run(() => Letters.SendAll());

        Assert.Equal(["a", "b"], Letters.Sent.Order());
    }

    [Fact]
    public async Task A_strand_whose_at_most_once_step_has_other_inputs_is_stopped_when_all_others_have_come()
    {
        var store = new SurvivingStore();
        Letters.Names = ["a", "b", "c"];
        Letters.Broken = "b";
        Letters.Sent.Clear();
        await using (var host = new TestHost(store))
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.Run(() => Letters.SendAll()));
        Assert.Equal(["a", "c"], Letters.Sent.Order());

        Letters.Names = ["b"];
        Letters.Broken = "";
        await using var again = new TestHost(store.Reopen());
        await Assert.ThrowsAsync<StepDriftException>(() => again.Run(() => Letters.SendAll()));

        Assert.DoesNotContain("b", Letters.Sent);
    }

    internal static class Letters
    {
        private static readonly Lock Gate = new();

        internal static string[] Names { get; set; } = [];

        internal static string Broken { get; set; } = "";

        internal static List<string> Sent { get; } = [];

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task SendAll() => await Task.WhenAll(Names.Select(async name =>
        {
            await Render(name);
            await Send(name);
        }));

        [Step]
        internal static Task Render(string name) => name == Broken ? throw new InvalidOperationException("no template") : Task.CompletedTask;

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static Task Send(string name)
        {
            lock (Gate)
                Sent.Add(name);
            return Task.CompletedTask;
        }
    }

    internal static class Mails
    {
        internal static string[] Addresses { get; set; } = [];

        internal static List<string> Sent { get; } = [];

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task SendAll() => await Flow.Map(Addresses, Send, maxConcurrency: 1);

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static void Send(string address)
        {
            Sent.Add(address);
            if (address == "bad")
                throw new InvalidOperationException("no such mailbox");
        }
    }
}
