using System.Globalization;
using Fletcher.Storage;

namespace Fletcher.Torture.Conductor;

/// <summary>How much torture.</summary>
internal sealed record Settings
{
    /// <summary>Decides about the flows and about the moments of the kills.</summary>
    public required ulong Seed { get; init; }

    /// <summary>How many processes are killed.</summary>
    public required int Kills { get; init; }

    /// <summary>How many hosts there are at the same time.</summary>
    public int Hosts { get; init; } = 3;

    /// <summary>How many flows are under way at the same time.</summary>
    public int Flows { get; init; } = 24;

    /// <summary>What a commit survives.</summary>
    public Durability Durability { get; init; } = Durability.Process;

    /// <summary>Whether the hosts share a PostgreSQL server instead of a SQLite file.</summary>
    public bool IsServer { get; init; }

    /// <summary>Whether that server is restarted every few seconds, and connections to it are cut at random.</summary>
    public bool IsServerTroubled { get; init; }

    /// <summary>For so long may no flow end once nobody is killed any more.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The everyday amount, or the long one with FLETCHER_TEST_LONG=1. FLETCHER_TEST_SEED repeats what can be repeated of an earlier
    /// torture: its flows, and the order, kinds and distances of its kills. FLETCHER_TORTURE_KILLS, FLETCHER_TORTURE_HOSTS and
    /// FLETCHER_TORTURE_DURABILITY say how much of it, and FLETCHER_TORTURE_STORE on what: sqlite, postgres, or postgres-troubled.
    /// </summary>
    /// <param name="kills">The everyday amount.</param>
    public static Settings Read(int kills = 40)
    {
        var settings = new Settings
        {
            Seed = Number("FLETCHER_TEST_SEED") ?? (ulong)Random.Shared.Next(1, 1_000_000),
            Kills = (int?)Number("FLETCHER_TORTURE_KILLS") ?? (Text("FLETCHER_TEST_LONG") == "1" ? 1000 : kills),
            IsServer = Text("FLETCHER_TORTURE_STORE") is "postgres" or "postgres-troubled",
            IsServerTroubled = Text("FLETCHER_TORTURE_STORE") == "postgres-troubled",
        };
        if (Number("FLETCHER_TORTURE_HOSTS") is { } hosts)
            settings = settings with { Hosts = (int)hosts };
        if (Text("FLETCHER_TORTURE_DURABILITY") is { } durability)
            settings = settings with { Durability = Enum.Parse<Durability>(durability) };
        return settings;
    }

    private static ulong? Number(string variable) =>
        Text(variable) is { } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string? Text(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? text : null;
}
