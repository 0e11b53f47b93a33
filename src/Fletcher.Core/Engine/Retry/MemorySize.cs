using System.Globalization;

namespace Fletcher.Engine;

/// <summary>
/// Reads sizes of memory as attributes write them: a number and a unit, <c>"512 MiB"</c>, <c>"1.5 GiB"</c>. The same file is compiled into the analyzers, so that what compiles also runs.
/// </summary>
internal static class MemorySize
{
    /// <summary>The runtime alone needs about half of it.</summary>
    internal const long Least = 64 * Mebi;

    private const long Mebi = 1024 * 1024;

    private static readonly (string Unit, long Bytes)[] Units =
        [("KiB", 1024), ("MiB", Mebi), ("GiB", 1024 * Mebi), ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000)];

    /// <summary>Reads a size, or says in <paramref name="error"/> what is wrong with the text.</summary>
    internal static bool TryParse(string? text, out long bytes, out string error)
    {
        bytes = 0;
        var rest = (text ?? "").Trim();
        if (rest.Length == 0)
            return Fail("it is empty", out error);
        var digits = 0;
        while (digits < rest.Length && (char.IsDigit(rest[digits]) || rest[digits] == '.'))
            digits++;
        if (!double.TryParse(rest.Substring(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return Fail($"a number is expected at '{rest}'", out error);
        var unit = rest.Substring(digits).Trim();
        var size = 0L;
        foreach (var (name, factor) in Units)
        {
            if (name == unit)
                size = factor;
        }

        if (size == 0)
            return Fail(unit.Length == 0 ? "the number has no unit (KiB, MiB, GiB, kB, MB or GB)" : $"'{unit}' is no unit (KiB, MiB, GiB, kB, MB or GB)", out error);
        if (number * size > long.MaxValue / 2)
            return Fail("it is more than any machine has", out error);
        bytes = (long)Math.Round(number * size);
        if (bytes < Least)
            return Fail("it is less than 64 MiB, and a process of .NET needs that", out error);
        error = "";
        return true;
    }

    /// <summary>A size for people.</summary>
    internal static string Say(long bytes) => (bytes / (double)Mebi).ToString("0", CultureInfo.InvariantCulture) + " MiB";

    private static bool Fail(string what, out string error)
    {
        error = what;
        return false;
    }
}
