using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Analyzers;

/// <summary>A member that gives something else each time.</summary>
/// <param name="Name">For people.</param>
/// <param name="Replacement">What to write instead; null where only the advice helps.</param>
/// <param name="Advice">What to do.</param>
internal sealed record Unrepeatable(string Name, string? Replacement, string Advice)
{
    /// <summary>The property of a diagnostic under which its fix finds the replacement.</summary>
    internal const string ReplacementKey = "Replacement";

    private const string AsStep = "a step that reads it, or a parameter of the flow";

    internal static Unrepeatable? Find(ISymbol member)
    {
        var type = member.ContainingType;
        return type?.ContainingNamespace is not { Name: "System", ContainingNamespace.IsGlobalNamespace: true } ? null : (type.Name, member.Name) switch
        {
            ("DateTime", "Now") => Use("DateTime.Now", "Flow.Now.LocalDateTime"),
            ("DateTime", "UtcNow") => Use("DateTime.UtcNow", "Flow.Now.UtcDateTime"),
            ("DateTime", "Today") => Use("DateTime.Today", "Flow.Now.LocalDateTime.Date"),
            ("DateTimeOffset", "Now") => Use("DateTimeOffset.Now", "Flow.Now.ToLocalTime()"),
            ("DateTimeOffset", "UtcNow") => Use("DateTimeOffset.UtcNow", "Flow.Now"),
            ("TimeProvider", "GetUtcNow") => Use("TimeProvider.GetUtcNow()", "Flow.Now"),
            ("TimeProvider", "GetLocalNow") => Use("TimeProvider.GetLocalNow()", "Flow.Now.ToLocalTime()"),
            ("Guid", "NewGuid") => Use("Guid.NewGuid()", "Flow.NewGuid()"),
            ("Guid", "CreateVersion7") => Use("Guid.CreateVersion7()", "Flow.NewGuid()"),
            ("Random", "Shared") => Use("Random.Shared", "Flow.Random"),
            ("Random", ".ctor") => Use("new Random()", "Flow.Random"),
            ("Environment", "GetEnvironmentVariable" or "GetEnvironmentVariables" or "MachineName" or "ProcessId" or "TickCount" or "TickCount64"
                or "UserName" or "CurrentDirectory" or "GetCommandLineArgs") => new Unrepeatable($"Environment.{member.Name}", null, AsStep),
            _ => null,
        };
    }

    private static Unrepeatable Use(string name, string replacement) => new(name, replacement, $"'{replacement}'");
}
