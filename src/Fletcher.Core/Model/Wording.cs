namespace Fletcher.Model;

/// <summary>How the ledger and the reasons of runs say what somebody did.</summary>
internal static class Wording
{
    /// <summary>What happened, and why if that was said: <c>paused by ada: lunch</c>.</summary>
    internal static string Say(string what, string? reason) => reason is null ? what : $"{what}: {reason}";
}
