using System.Runtime.CompilerServices;
using Xunit;

namespace Fletcher.Tests.Terminal;

/// <summary>
/// Compares text with a file beside the test. To approve a change, run the tests with FLETCHER_APPROVE=1 and review the
/// difference in version control.
/// </summary>
internal static class Approval
{
    internal static void Check(string text, [CallerMemberName] string test = "", [CallerFilePath] string file = "")
    {
        var actual = text.ReplaceLineEndings("\n").TrimEnd() + "\n";
        var approved = Path.Combine(Path.GetDirectoryName(file)!, "Approved", test + ".txt");
        if (Environment.GetEnvironmentVariable("FLETCHER_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(approved)!);
            File.WriteAllText(approved, actual);
            return;
        }
        Assert.True(File.Exists(approved), $"There is no approved text for '{test}'. Run with FLETCHER_APPROVE=1. Text:\n{actual}");
        Assert.Equal(File.ReadAllText(approved).ReplaceLineEndings("\n"), actual);
    }
}
