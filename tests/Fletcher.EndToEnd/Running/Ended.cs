namespace Fletcher.EndToEnd.Running;

/// <summary>What a process left behind.</summary>
internal sealed record Ended(int ExitCode, string Out, string Error)
{
    public string[] OutLines => Lines(Out);

    public string[] ErrorLines => Lines(Error);

    /// <summary>Fails the test with everything that the process said when it did not end with this code.</summary>
    public Ended With(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, expected {exitCode}\n--- stdout\n{Out}\n--- stderr\n{Error}");
        return this;
    }

    /// <summary>One readable message of Fletcher's own with this id, and no dump of the runtime's.</summary>
    public Ended Says(string id, params string[] fragments)
    {
        With(1);
        var message = Assert.Single(ErrorLines, line => line.StartsWith(id + ": ", StringComparison.Ordinal));
        Assert.All(fragments, fragment => Assert.Contains(fragment, message, StringComparison.Ordinal));
        return WithoutDump();
    }

    public Ended WithoutDump()
    {
        Assert.DoesNotContain("Unhandled exception", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        return this;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
