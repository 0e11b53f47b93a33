namespace Fletcher.Storage.Sqlite.Tests;

public sealed class SqliteStorePathTests
{
    private static readonly string Root = Path.GetFullPath("/");

    private static string Default(string? store, string? xdg, string folder) => SqliteStorePath.Default(
        name => name switch { "FLETCHER_STORE" => store, "XDG_DATA_HOME" => xdg, _ => null }, () => folder);

    [Fact]
    public void FLETCHER_STORE_wins() =>
        Assert.Equal(Path.Combine(Root, "a", "b.db"), Default(Path.Combine(Root, "a", "b.db"), Path.Combine(Root, "x"), Root));

    [Fact]
    public void FLETCHER_STORE_may_be_relative() => Assert.Equal(Path.GetFullPath("b.db"), Default("b.db", null, Root));

    [Fact]
    public void XDG_DATA_HOME_comes_next() =>
        Assert.Equal(Path.Combine(Root, "x", "fletcher", "fletcher.db"), Default("", Path.Combine(Root, "x"), Root));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative")]
    public void Otherwise_it_is_the_data_folder_of_the_user(string? xdg) =>
        Assert.Equal(Path.Combine(Root, "d", "fletcher", "fletcher.db"), Default(null, xdg, Path.Combine(Root, "d")));

    [Fact]
    public void Without_any_folder_the_error_says_what_to_set()
    {
        var error = Assert.Throws<StoreUnavailableException>(() => Default(null, null, ""));

        Assert.Equal("FLT1101", error.Id);
        Assert.Contains("FLETCHER_STORE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_out_of_range_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SqliteStore(new SqliteStoreOptions { LargeValueThreshold = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SqliteStore(new SqliteStoreOptions { BusyTimeout = TimeSpan.FromSeconds(-1) }));
    }

    [Theory]
    [InlineData("Host=db;Database=runs;Password=hush")]
    [InlineData("server=db;password='hush")]
    public void A_connection_string_is_no_file_and_is_not_repeated(string text)
    {
        var error = Assert.Throws<StoreUnavailableException>(() => Default(text, null, Root));

        Assert.Contains("FLETCHER_STORE is the connection string", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Throws<StoreUnavailableException>(() => new SqliteStore(text));
    }

    [Theory]
    [InlineData("a=b.db")]
    [InlineData("/data/run=1/Host.db")]
    public void An_equals_sign_makes_no_connection_string(string path) => Assert.Equal(Path.GetFullPath(path), Default(path, null, Root));
}
