#:package Fletcher@*
using Fletcher;

foreach (var flow in new Func<Task>[] { () => Forgetful.NotAwaited(), () => Forgetful.TooMany() })
{
    try
    {
        await flow();
    }
    catch (Exception e)
    {
        Console.WriteLine($"{e.GetType().Name}: {e.Message}");
    }
}

static class Forgetful
{
    #region flows
    [Flow]
    public static Task NotAwaited()
    {
        _ = Divide(0);                                            // nobody sees this failure
        return Task.CompletedTask;
    }

    [Flow]
    public static async Task TooMany() =>
        await Flow.Map([1, 0, 2], Divide, failure: MapFailure.Tolerate(0.1));
    #endregion

    [Step]
    static async Task<int> Divide(int by)
    {
        await Task.Delay(1);
        return 100 / by;
    }
}
