using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fletcher.EndToEnd.Programs;

internal static class Large
{
    [Flow]
    public static async Task<int> Logs(int lines) => await Chatter(lines);

    /// <summary>The first time it fails behind a large result; the second time it goes on with it.</summary>
    [Flow(OnRerun = OnRerun.Resume)]
    public static async Task<string> Bytes(int megabytes)
    {
        var bytes = await MakeBytes(megabytes);
        await FailTheFirstTime();
        return $"{bytes.Length} {Convert.ToHexString(SHA256.HashData(bytes))}";
    }

    [Flow(OnRerun = OnRerun.Resume)]
    public static async Task<string> Text(int megabytes)
    {
        var text = await MakeText(megabytes);
        await FailTheFirstTime();
        return $"{text.Length} {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
    }

    [Flow(OnRerun = OnRerun.Resume)]
    public static async Task<int> Chunks(int count)
    {
        var total = 0;
        for (var i = 0; i < count; i++)
            total += (await MakeChunk(i)).Length;
        return total;
    }

    [Step]
    private static Task<int> Chatter(int lines)
    {
        for (var i = 1; i <= lines; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"line {i} says nothing of interest"));
        return Task.FromResult(lines);
    }

    [Step]
    private static Task<byte[]> MakeBytes(int megabytes)
    {
        Console.WriteLine("made");
        var bytes = new byte[megabytes * 1_000_000];
        new Random(1).NextBytes(bytes);
        return Task.FromResult(bytes);
    }

    [Step]
    private static Task<string> MakeText(int megabytes)
    {
        Console.WriteLine("made");
        return Task.FromResult(string.Create(megabytes * 1_000_000, 0, (text, _) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)('a' + (i % 23));
            text[^1] = '"';
        }));
    }

    [Step]
    private static Task<byte[]> MakeChunk(int number)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"chunk {number}"));
        var bytes = new byte[40_000];
        new Random(number).NextBytes(bytes);
        return Task.FromResult(bytes);
    }

    [Step]
    private static Task FailTheFirstTime() =>
        Environment.GetEnvironmentVariable("WELL") is null ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
}
