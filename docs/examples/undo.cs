#:package Fletcher@*
using Fletcher;

await Travel.Book("Ada");

static class Travel
{
    #region flow
    [Flow]
    public static async Task Book(string traveller)
    {
        var seat = await ReserveSeat(traveller);
        var receipt = await Charge(traveller, 120);
        await BookHotel(traveller, seat, receipt);
    }

    [Step(Undo = nameof(ReleaseSeat))]
    static async Task<int> ReserveSeat(string traveller)
    {
        await Task.Delay(10);
        return 14;
    }

    [Step]
    static void ReleaseSeat(int seat) => Console.WriteLine($"seat {seat} is free again");

    [Step(Undo = nameof(Refund))]
    static async Task<string> Charge(string traveller, int amount)
    {
        await Task.Delay(10);
        return $"receipt-{amount}";
    }

    [Step(Retries = 3, Backoff = "1s, 1m")]
    static async Task Refund(string receipt, string traveller)
    {
        await Task.Delay(10);
        Console.WriteLine($"{traveller} has the money of {receipt} back");
    }
    #endregion

    [Step]
    static Task BookHotel(string traveller, int seat, string receipt) =>
        throw new InvalidOperationException("the hotel is full");
}
