namespace Fletcher.Diagnosis.Tests;

public sealed class SimilarNameTests
{
    [Theory]
    [InlineData("shwo", "show")]
    [InlineData("smpt", "smtp")]
    [InlineData("reprots", "reports")]
    [InlineData("Nightly.Reprot", "Nightly.Report")]
    [InlineData("sow", "show")]
    [InlineData("SHOW", "show")]
    [InlineData("wosh", null)]
    [InlineData("", null)]
    public void Swapped_missing_and_wrong_letters_are_near(string wanted, string? expected) =>
        Assert.Equal(expected, SimilarName.Find(wanted, ["start", "show", "smtp", "reports", "Nightly.Report"]));
}
