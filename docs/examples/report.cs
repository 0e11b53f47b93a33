#:package Fletcher@*
#:package Microsoft.Data.Sqlite@10.0.15
using Fletcher;
using Microsoft.Data.Sqlite;

if (Environment.GetEnvironmentVariable("COLLEAGUE") == "undoes")
    Usage.Sql("ALTER TABLE product_usage_facts RENAME TO usage_facts");
Console.WriteLine($"{await Usage.Report()} flights");

static class Usage
{
    [Flow(OnRerun = OnRerun.Resume)]
    public static async Task<long> Report()
    {
        await Load("2008-11");
        if (Environment.GetEnvironmentVariable("COLLEAGUE") == "renames")
            Sql("ALTER TABLE usage_facts RENAME TO product_usage_facts");
        var total = Total("2008-11");
        await Print(total);
        return total;
    }

    [Step]
    static async Task Load(string month)
    {
        await Task.Delay(20);
        Sql("CREATE TABLE IF NOT EXISTS usage_facts (month TEXT, flights INTEGER)");
        Sql($"INSERT INTO usage_facts VALUES ('{month}', 7009728)");
    }

    [Step(ReadOnly = true)]
    static long Total(string month) => Sql($"SELECT SUM(flights) FROM usage_facts WHERE month = '{month}'");

    [Step]
    static Task Print(long total) => File.WriteAllTextAsync("report.txt", $"{total}");

    public static long Sql(string text)
    {
        using var database = new SqliteConnection("Data Source=usage.db");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar() is long number ? number : 0;
    }
}
