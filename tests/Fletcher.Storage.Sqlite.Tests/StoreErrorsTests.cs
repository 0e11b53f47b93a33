using System.Reflection;
using SQLitePCL;

namespace Fletcher.Storage.Sqlite.Tests;

public sealed class StoreErrorsTests
{
    [Theory]
    [InlineData(raw.SQLITE_CANTOPEN, "FLT1101")]
    [InlineData(raw.SQLITE_READONLY, "FLT1102")]
    [InlineData(raw.SQLITE_NOTADB, "FLT1103")]
    [InlineData(raw.SQLITE_FULL, "FLT1107")]
    [InlineData(raw.SQLITE_IOERR | (3 << 8), "FLT1108")]
    [InlineData(raw.SQLITE_CORRUPT, "FLT1111")]
    [InlineData(raw.SQLITE_TOOBIG, "FLT1114")]
    [InlineData(raw.SQLITE_NOMEM, "FLT1115")]
    public void Every_answer_of_SQLite_has_an_id_and_names_the_file(int code, string id)
    {
        var failure = new SqliteFailureException(code, "what SQLite says", "SELECT 1");

        var error = StoreErrors.From(failure, "/data/fletcher.db");

        Assert.Equal(id, error.Id);
        Assert.Contains("/data/fletcher.db", error.Message, StringComparison.Ordinal);
        Assert.Same(failure, error.InnerException);
    }

    [Theory]
    [InlineData(raw.SQLITE_BUSY)]
    [InlineData(raw.SQLITE_BUSY | (2 << 8))]
    [InlineData(raw.SQLITE_LOCKED)]
    [InlineData(raw.SQLITE_PROTOCOL)]
    public void What_is_busy_is_tried_again(int code) => Assert.True(new SqliteFailureException(code, "", null).IsBusy);

    [Fact]
    public void Every_id_has_a_section_in_the_documentation()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Fletcher.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        var documentation = File.ReadAllText(Path.Combine(folder, "docs", "diagnostics.md"));

        var ids = typeof(StoreErrors).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Where(field => field is { IsLiteral: true, FieldType: { } type } && type == typeof(string))
            .Select(field => (string)field.GetRawConstantValue()!);

        Assert.All(ids, id => Assert.Contains($"\n### {id}", documentation, StringComparison.Ordinal));
    }
}
