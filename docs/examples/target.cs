#:package Fletcher@*
using Fletcher;

await Reports.Make(2026);

static class Reports
{
    #region flow
    [Flow]
    public static async Task Make(int year)
    {
        var file = await Render(year);
        Console.WriteLine($"{file} has {new FileInfo(file).Length} bytes");
    }

    [Step(Target = "out/report-{year}.txt")]
    static async Task<string> Render(int year)
    {
        var file = $"out/report-{year}.txt";
        Console.WriteLine("rendering");
        Directory.CreateDirectory("out");
        await File.WriteAllTextAsync(file, "all is well");
        return file;
    }
    #endregion
}
