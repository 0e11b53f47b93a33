#:package Fletcher@*
using Fletcher;

Console.WriteLine(await Prices.Show("tea"));

static class Prices
{
    #region flow
    [Flow]
    public static async Task<decimal> Show(string item) => await LookUp(item);

    [Step(Cache = "24h")]
    static async Task<decimal> LookUp(string item)
    {
        Console.WriteLine("looking up");
        await Task.Delay(1);
        return 4.50m;
    }
    #endregion
}
