using System.Globalization;
using Fletcher.EndToEnd.Programs;

// Each scenario is a program of its own to the tests: they start it, look at what it says, and start it again.
var number = args.Length > 1 && int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
switch (args[0])
{
    case "hello":
        Console.WriteLine(await Ordinary.Hello(args[1]));
        break;
    case "once":
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        Console.WriteLine("result " + await Ordinary.Once("2008-11", args[1]));
        break;
    case "many":
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        for (var i = 0; i < 20; i++)
            await Ordinary.Count(number, i);
        Console.WriteLine("counted");
        break;
    case "fails-before-first-step":
        await Failing.BeforeFirstStep(number);
        break;
    case "fails-strangely":
        await Failing.Strangely(Environment.GetEnvironmentVariable("WELL") is not null);
        break;
    case "cannot-be-given":
        await Unstorable.Parameter(new Handle());
        break;
    case "step-cannot-be-given":
        await Unstorable.StepParameter(Environment.GetEnvironmentVariable("WELL") is not null);
        break;
    case "cannot-be-returned":
        await Unstorable.Result(Environment.GetEnvironmentVariable("WELL") is not null);
        break;
    case "leaks-set":
        await Leaking.Set();
        break;
    case "leaks":
        await Leaking.Run(args[1] == "secret");
        break;
    case "leaks-elsewhere":
        Console.WriteLine(Leaking.LeaksElsewhere(Fletcher.Secrets.Get("leaked")));
        break;
    case "leaks-outside":
        Leaking.Fall(args[1] == "secret");
        break;
    case "logs":
        Console.WriteLine(await Large.Logs(number));
        break;
    case "bytes":
        Console.WriteLine(await Large.Bytes(number));
        break;
    case "text":
        Console.WriteLine(await Large.Text(number));
        break;
    case "fills-disk":
        Console.WriteLine(await Large.Chunks(number));
        break;
    case "works":
        Console.WriteLine(await Stopping.Works());
        break;
    case "works-once":
        Console.WriteLine(await Stopping.WorksOnce());
        break;
    case "hangs":
        Console.WriteLine(await Stopping.Hangs());
        break;
    case "sleeps":
        Console.WriteLine(await Stopping.Sleeps());
        break;
    case "anew":
        Console.WriteLine(await Stopping.Anew());
        break;
    case "goes-on":
        await Stopping.GoesOn();
        break;
    case "own-way":
        Console.WriteLine(await Stopping.HasItsOwnWay());
        break;
    case "isolated-answers":
        Console.WriteLine("before");
        Console.WriteLine(Isolated.Answers(args[1]));
        Console.WriteLine($"parent {Environment.ProcessId}");
        break;
    case "isolated-throws":
        Console.WriteLine(Isolated.Throws());
        break;
    case "isolated-dies":
        Console.WriteLine(Isolated.Dies(args[1]));
        break;
    case "isolated-eats":
        Console.WriteLine(Isolated.Eats(args[1] == "managed"));
        break;
    case "isolated-overruns":
        Console.WriteLine(Isolated.Overruns(args[1] == "frozen"));
        break;
    case "isolated-works":
        Console.WriteLine(await Isolated.Works());
        break;
    case "isolated-unwanted":
        using (var unwanted = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            try
            {
                await Isolated.WorksUntil(unwanted.Token);
            }
            catch (OperationCanceledException e)
            {
                Console.WriteLine(e.CancellationToken == unwanted.Token ? "its own token" : "another token");
            }
        }

        break;
    case "isolated-inside":
        Console.WriteLine(Isolated.Outer());
        break;
    case "application":
        await ServiceApplication.Run(args);
        break;
    default:
        throw new ArgumentException($"There is no scenario '{args[0]}'.", nameof(args));
}

return 0;
