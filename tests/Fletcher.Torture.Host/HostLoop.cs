using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Torture.Flows;

namespace Fletcher.Torture;

/// <summary>Runs the flows that are asked for on standard input, all at the same time, and says how they ended.</summary>
internal sealed class HostLoop(FletcherOptions options)
{
    private readonly FletcherHost _host = new(options);

    public async Task RunAsync(TextReader commands)
    {
        Say("ready");
        while (await commands.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            var words = line.Split(' ');
            if (words[0] == "run")
                _ = Task.Run(() => RunAsync(ulong.Parse(words[1], CultureInfo.InvariantCulture)));
            else
                throw new FormatException($"'{line}' is no command.");
        }
    }

    private async Task RunAsync(ulong seed)
    {
        while (true)
        {
            try
            {
                var result = await RandomFlow.CallAsync(_host, seed).ConfigureAwait(false);
                Say(string.Create(CultureInfo.InvariantCulture, $"done {seed} {result.Value} {string.Join(',', result.Unknown)}"));
                return;
            }
            catch (RunLostException)
            {
                // Another host has it: its result is this one's too.
                Say(string.Create(CultureInfo.InvariantCulture, $"lost {seed}"));
            }
            catch (Exception e)
            {
                Say(string.Create(CultureInfo.InvariantCulture, $"failed {seed} {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}"));
                return;
            }
        }
    }

    // One write for each line: of a process that is killed, a line is said or not.
    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.Write(line + "\n");
            Console.Out.Flush();
        }
    }
}
