using Fletcher.Diagnosis;
using Xunit;

namespace Fletcher.Core.Tests.Diagnosis;

public sealed class SourceExcerptTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(1, new[] { 1, 2, 3 })]
    [InlineData(4, new[] { 2, 3, 4, 5, 6 })]
    [InlineData(7, new[] { 5, 6, 7 })]
    public void Two_lines_on_each_side_are_shown_and_the_line_is_marked(int line, int[] numbers)
    {
        File.WriteAllLines(_file, Enumerable.Range(1, 7).Select(static i => $"    line {i}"));

        var excerpt = SourceExcerpt.Read(_file, line)!;

        Assert.Equal(numbers, excerpt.Lines.Select(static l => l.Number));
        Assert.Equal(line, Assert.Single(excerpt.Lines, static l => l.IsMarked).Number);
        Assert.Equal($"line {line}", excerpt.Lines.Single(static l => l.IsMarked).Text);
    }

    [Fact]
    public void Indentation_is_kept_between_lines_and_long_lines_are_cut()
    {
        File.WriteAllLines(_file, ["\tif (x)", "\t\tthrow;", "", new string('y', 5_000)]);

        Assert.Equal(["    if (x)", "        throw;", "", new string('y', 200) + "…"],
            SourceExcerpt.Read(_file, 2)!.Lines.Select(static l => l.Text));
    }

    [Fact]
    public void What_cannot_be_read_gives_nothing()
    {
        File.WriteAllLines(_file, ["one"]);

        Assert.Null(SourceExcerpt.Read(_file, 2));
        Assert.Null(SourceExcerpt.Read(_file, 0));
        Assert.Null(SourceExcerpt.Read(_file + ".gone", 1));
        Assert.Null(SourceExcerpt.Read("relative.cs", 1));
        Assert.Null(SourceExcerpt.Read(Path.GetTempPath(), 1));
        Assert.Null(SourceExcerpt.Read(null, 1));
    }
}
