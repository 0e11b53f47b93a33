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
