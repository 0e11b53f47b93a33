#:package Fletcher@*
using System.Diagnostics;
using Fletcher;

Console.WriteLine(await Import.Run(new DateOnly(2026, 10, 1)));

static class Import
{
    #region flow
    [Flow]
    public static async Task<string> Run(DateOnly day)
    {
        var rows = await Download(day);
        var clean = Clean(rows);
        await Upload(clean);
        return $"{clean.Length} rows of {day:yyyy-MM-dd} uploaded";
    }
    #endregion

    [Step(ReadOnly = true)]
    static async Task<string[]> Download(DateOnly day)
    {
        Console.WriteLine("downloading");
        await Task.Delay(10);
        return ["a", "", "b"];
    }

    [Step]
    static string[] Clean(string[] rows)
    {
        Console.WriteLine("cleaning");
        return [.. rows.Where(row => row.Length > 0)];
    }

    [Step]
    static async Task Upload(string[] rows)
    {
        Console.WriteLine("uploading");
        await Task.Delay(10);
        if (!File.Exists("second-time"))
        {
            File.WriteAllText("second-time", "");
            Process.GetCurrentProcess().Kill(); // like kill -9, or a power cut
        }
    }
}
