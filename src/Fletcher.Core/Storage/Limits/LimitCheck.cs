using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>Finds what no store is to keep of limits, before anything is written. For those who write stores.</summary>
public static class LimitCheck
{
    /// <summary>The longest name of a limit.</summary>
    public const int LongestName = 200;

    /// <summary>The longest key.</summary>
    public const int LongestKey = 400;

    /// <exception cref="ArgumentException">The name or the settings of one cannot be kept, or it has none.</exception>
    public static void Check(IReadOnlyDictionary<string, LimitSettings> declared)
    {
        ArgumentNullException.ThrowIfNull(declared);
        foreach (var (name, settings) in declared)
        {
            ArgumentNullException.ThrowIfNull(settings, nameof(declared));
            Check(name, settings);
        }
    }

    /// <exception cref="ArgumentException">The name or the settings cannot be kept.</exception>
    public static void Check(string name, LimitSettings? settings)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > LongestName)
            throw new ArgumentException($"The name of a limit has {name.Length} characters; allowed are {LongestName}: '{name[..40]}…'.", nameof(name));
        if (settings?.FindMistake() is { } mistake)
            throw new ArgumentException($"Limit '{name}' cannot be as it is given: {mistake}.", nameof(settings));
    }

    /// <exception cref="ArgumentException">A place or a leave cannot be kept.</exception>
    public static void Check(IReadOnlyList<LimitLeave> leave, IReadOnlyList<LimitPlace> enter)
    {
        ArgumentNullException.ThrowIfNull(leave);
        ArgumentNullException.ThrowIfNull(enter);
        foreach (var one in leave)
        {
            if (one is not { Kind: null or { Length: <= LongestKey } })
                throw new ArgumentException($"A leave is null, or has a kind of more than {LongestKey} characters.", nameof(leave));
        }

        foreach (var place in enter)
        {
            ArgumentNullException.ThrowIfNull(place, nameof(enter));
            Check(place.Limit, null);
            ArgumentNullException.ThrowIfNull(place.Flow, "place.Flow");
            if (place.Key is not { Length: <= LongestKey })
                throw new ArgumentException($"A place of limit '{place.Limit}' has a key of {place.Key?.Length ?? 0} characters; allowed are {LongestKey}, and it must not be null.", nameof(enter));
            if (place.Weight is < 1 or > 1_000_000)
                throw new ArgumentException($"A place of limit '{place.Limit}' weighs {place.Weight}; allowed are 1 to 1,000,000.", nameof(enter));
        }
    }
}
