using System.Globalization;

namespace Fletcher.Model;

/// <summary>
/// How long the runs of a flow are kept after they ended. A run goes when it is older than its kind is kept, or when there are more of its kind than are kept, whichever comes first; never
/// within a minute of its end, and never while something else needs it (docs/retention.md). Null keeps without that bound.
/// </summary>
public sealed record RetentionPolicy
{
    /// <summary>The shortest time that runs can be kept for, 1 minute: whoever waits for the end of a run must find it.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>What holds unless somebody says otherwise.</summary>
    public static RetentionPolicy Default { get; } = new();

    /// <summary>Keeps every run for ever.</summary>
    public static RetentionPolicy Everything { get; } = new() { KeepFor = null, KeepFailedFor = null, KeepOnceFor = null, Keep = null, KeepFailed = null };

    /// <summary>For how long runs that completed or were cancelled are kept; 1 minute or more. Default 30 days.</summary>
    public TimeSpan? KeepFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>For how long runs that failed or crashed are kept; 1 minute or more. Default 90 days.</summary>
    public TimeSpan? KeepFailedFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>
    /// For how long completed runs with a <see cref="FlowAttribute.Once"/> key are kept: with the run the key is forgotten, and a call with it runs again. Neither
    /// <see cref="KeepFor"/> nor <see cref="Keep"/> holds for them. A run of which a sub-flow completed with such a key is always kept. 1 minute or more. Default null: for ever.
    /// </summary>
    public TimeSpan? KeepOnceFor { get; init; }

    /// <summary>How many of the runs that completed or were cancelled are kept, the newest; 1 or more. Default 100,000.</summary>
    public int? Keep { get; init; } = 100_000;

    /// <summary>How many of the runs that failed or crashed are kept, the newest; 1 or more. Default 100,000.</summary>
    public int? KeepFailed { get; init; } = 100_000;

    /// <summary>How many of the newest runs that completed or were cancelled stay, whatever their age, so that a flow that runs once a quarter has something to be compared with. 0 or more. Default 10.</summary>
    public int KeepLatest { get; init; } = 10;

    /// <summary>How long runs of a kind are kept; null for ever.</summary>
    internal TimeSpan? AgeOf(RetentionKind kind) => kind switch
    {
        RetentionKind.Good => KeepFor,
        RetentionKind.Failed => KeepFailedFor,
        _ => KeepOnceFor,
    };

    /// <summary>How many runs of a kind are kept; null for any number.</summary>
    internal int? CountOf(RetentionKind kind) => kind switch
    {
        RetentionKind.Good => Keep,
        RetentionKind.Failed => KeepFailed,
        _ => null,
    };

    /// <summary>How many of the newest of a kind stay in any case.</summary>
    internal int LatestOf(RetentionKind kind) => kind == RetentionKind.Good ? KeepLatest : 0;

    /// <summary>What cannot be used about it, in one sentence; null when it can.</summary>
    internal string? FindProblem() =>
        AgeProblem(nameof(KeepFor), KeepFor) ?? AgeProblem(nameof(KeepFailedFor), KeepFailedFor) ?? AgeProblem(nameof(KeepOnceFor), KeepOnceFor)
        ?? CountProblem(nameof(Keep), Keep, 1) ?? CountProblem(nameof(KeepFailed), KeepFailed, 1) ?? CountProblem(nameof(KeepLatest), KeepLatest, 0);

    private static string? AgeProblem(string name, TimeSpan? value) =>
        value < Shortest ? string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be 1 minute or more") : null;

    private static string? CountProblem(string name, int? value, int least) =>
        value < least ? string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be {least} or more") : null;
}
