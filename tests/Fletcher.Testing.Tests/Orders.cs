namespace Fletcher.Testing.Tests;

/// <summary>A flow of each shape, whose effects go to a journal.</summary>
internal sealed class Orders
{
    internal Journal Effects { get; } = new();

    internal Journal Notes { get; } = new();

    [Flow]
    internal async Task<int> Sequence(int count)
    {
        var sum = 0;
        for (var n = 1; n <= count; n++)
            sum += await Put(n);
        return sum;
    }

    [Flow]
    internal async Task<int> Fan(int count)
    {
        var read = await Flow.Map(Enumerable.Range(1, count), async n => await Put(100 + await Read(n)), 3);
        return read.Sum();
    }

    [Flow]
    internal async Task<int> Parent()
    {
        var first = await Sequence(2);
        var others = await Task.WhenAll(Child(3), Child(4));
        return first + others.Sum();
    }

    [Flow]
    internal async Task<int> Child(int n) => await Put(n) + Plain(n);

    [Flow]
    internal int Blocking(int n) => Plain(n) + Plain(n + 1);

    [Flow]
    internal async Task<string> Charges()
    {
        await Put(1);
        var receipt = await Charge(10);
        await Put(2);
        return receipt;
    }

    [Flow]
    internal async Task<int> Patient()
    {
        var sum = await Unsteady(1) + await Put(2);
        return sum + Flow.Now.Day;
    }

    [Flow]
    internal async Task Careless()
    {
        await Put(1);
        await Append("sent");
    }

    [Flow(OnRerun = OnRerun.New)]
    internal async Task Forgetful()
    {
        await Put(1);
        await Charge(10);
    }

    [Flow(Once = "{key}")]
    internal async Task<int> OnlyOnce(string key)
    {
        Notes.Say(key);
        return await Put(1) + await Put(2);
    }

    [Flow]
    internal async Task<string> Undoes()
    {
        var first = await Take(1);
        try
        {
            await Flow.Transaction(async () =>
            {
                await Take(2);
                await TakesInside(3);
                await Task.WhenAll(Take(4), Take(5));
                throw new InvalidOperationException("no room");
            });
        }
        catch (TransactionFailedException)
        {
            await Put(6);
        }

        return first;
    }

    [Flow]
    internal async Task TakesInside(int n) => await Take(n);

    [Flow]
    internal async Task<string> UndoesOnce()
    {
        var first = await TakeOnce(1);
        try
        {
            await Flow.Transaction(async () =>
            {
                await TakeOnce(2);
                await TakeOnce(3);
                throw new InvalidOperationException("no room");
            });
        }
        catch (TransactionFailedException)
        {
            await Put(6);
        }

        return first;
    }

    /// <summary>Taken or not: how often it is said changes nothing.</summary>
    [Step(Undo = nameof(GiveBack))]
    internal async Task<string> Take(int n)
    {
        await Task.Yield();
        if (Effects.Count($"took {n}") == 0)
            Effects.Say($"took {n}");
        return $"ticket {n}";
    }

    [Step]
    internal async Task GiveBack(string ticket)
    {
        await Task.Yield();
        if (Effects.Count($"gave back {ticket}") == 0)
            Effects.Say($"gave back {ticket}");
    }

    [Step(Delivery = Delivery.AtMostOnce, Undo = nameof(GiveBackOnce))]
    internal async Task<string> TakeOnce(int n)
    {
        await Task.Yield();
        Effects.Say($"took {n}");
        return $"ticket {n}";
    }

    [Step(Delivery = Delivery.AtMostOnce)]
    internal async Task GiveBackOnce(string ticket)
    {
        await Task.Yield();
        Effects.Say($"gave back {ticket}");
    }

    [Flow]
    internal async Task<string> Cleans()
    {
        try
        {
            await Put(1);
            await Put(2);
        }
        catch (Exception)
        {
            Notes.Say("caught");
            throw;
        }
        finally
        {
            Notes.Say("finally");
        }

        return "done";
    }

    /// <summary>Like writing a row with a key: twice is as once.</summary>
    [Step]
    internal async Task<int> Put(int n)
    {
        await Task.Yield();
        if (Effects.Count($"put {n}") == 0)
            Effects.Say($"put {n}");
        return n;
    }

    [Step(ReadOnly = true)]
    internal async Task<int> Read(int n)
    {
        await Task.Yield();
        return n;
    }

    [Step]
    internal int Plain(int n)
    {
        if (Effects.Count($"plain {n}") == 0)
            Effects.Say($"plain {n}");
        return n;
    }

    [Step(Delivery = Delivery.AtMostOnce)]
    internal async Task<string> Charge(int amount)
    {
        await Task.Yield();
        Effects.Say($"charged {amount}");
        return $"receipt for {amount}";
    }

    /// <summary>Like sending a mail: twice is twice.</summary>
    [Step]
    internal async Task Append(string line)
    {
        await Task.Yield();
        Effects.Say(line);
    }

    internal int Failures { get; set; }

    [Step(Retries = 3, Backoff = "6h")]
    internal async Task<int> Unsteady(int n)
    {
        await Task.Yield();
        return --Failures >= 0 ? throw new HttpRequestException("busy") : n;
    }
}
