#:package Fletcher@*
using Fletcher;

Console.WriteLine(await Films.Convert("holiday.mov"));

#region flow
static class Films
{
    [Flow(Isolation = Isolation.Process, MemoryLimit = "512 MiB", Timeout = "1h")]
    public static async Task<string> Convert(string film)
    {
        var frames = Decode(film);
        return await Encode(film, frames);
    }

    [Step]
    static int Decode(string film)
    {
        Console.WriteLine($"decoding {film}");
        return 2_400;
    }

    [Step]
    static async Task<string> Encode(string film, int frames)
    {
        Console.WriteLine($"encoding {frames} frames");
        if (!File.Exists("library-is-fixed"))
        {
            await File.WriteAllTextAsync("library-is-fixed", "");
            Environment.Exit(3); // as a library may, whose author did not think of you
        }

        return Path.ChangeExtension(film, ".mp4");
    }
}
#endregion
