#:package Fletcher@*
using Fletcher;

try
{
    Console.WriteLine(await Letters.Send());
}
catch (Exception e)
{
    Console.WriteLine($"{e.GetType().Name}: {e.Message}");
}

static class Letters
{
    #region flow
    [Flow(OnRerun = OnRerun.Resume)]
    public static async Task<string> Send()
    {
        await Print(DateTime.UtcNow.Ticks); // another number in each execution: drift
        await Print(Flow.Now.Ticks);        // the same number in each execution of this run
        await Post();
        return "posted";
    }
    #endregion

    [Step]
    static async Task Print(long stamp)
    {
        await Task.Delay(10);
        Console.WriteLine("printing");
    }

    [Step]
    static async Task Post()
    {
        await Task.Delay(10);
        if (!File.Exists("second-time"))
        {
            File.WriteAllText("second-time", "");
            throw new IOException("the letter box is full");
        }
    }
}
