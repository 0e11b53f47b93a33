namespace Fletcher.Docs.Tests;

/// <summary>Every example compiles without a warning, runs, and writes what is recorded beside it.</summary>
/// <remarks><c>UPDATE_DOCS=1</c> records anew, and copies examples and outputs into the pages that quote them.</remarks>
public sealed class ExampleTests
{
    internal static bool IsUpdate => Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1";

    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(Repository.Examples, "*.cs").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_example_writes_what_is_recorded(string name)
    {
        var recording = Path.Combine(Repository.Examples, $"{name}.txt");
        var recorded = await File.ReadAllLinesAsync(recording, TestContext.Current.CancellationToken);
        var commands = recorded.Where(line => line.StartsWith("$ ", StringComparison.Ordinal)).Select(line => line[2..]);

        var played = await Transcript.PlayAsync(
            Path.Combine(Repository.Examples, $"{name}.cs"), commands, TestContext.Current.CancellationToken);

        if (IsUpdate)
        {
            if (!recorded.Select(Transcript.Normalise).SequenceEqual(played.Select(Transcript.Normalise)))
                await File.WriteAllLinesAsync(recording, played, TestContext.Current.CancellationToken);
            return;
        }

        Assert.Equal(recorded.Select(Transcript.Normalise), played.Select(Transcript.Normalise));
    }
}
