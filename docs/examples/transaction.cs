#:package Fletcher@*
using Fletcher;

Console.WriteLine(await Travel.Plan("Ada"));

static class Travel
{
    #region flow
    [Flow]
    public static async Task<string> Plan(string traveller)
    {
        try
        {
            return await Flow.Transaction(async () =>
            {
                var flight = await Reserve("flight", traveller);
                var hotel = await Reserve("hotel", traveller);
                return $"{flight}, {hotel}";
            });
        }
        catch (TransactionFailedException e)
        {
            Console.WriteLine(e.InnerException!.Message);
            return await Reserve("train", traveller);
        }
    }
    #endregion

    [Step(Undo = nameof(Cancel), Name = "reserve {what}")]
    static async Task<string> Reserve(string what, string traveller)
    {
        await Task.Delay(10);
        return what != "hotel" ? $"{what} for {traveller}" : throw new InvalidOperationException("the hotel is full");
    }

    [Step(Name = "cancel {what}")]
    static void Cancel(string what) => Console.WriteLine($"{what} cancelled");
}
