using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Fletcher.Model;

/// <summary>A question: the run that asks it, and the step run that waits for the answer. As text <c>(run)/(sequence)</c>.</summary>
/// <param name="RunId">The flow run.</param>
/// <param name="Sequence">The step run's sequence.</param>
public readonly record struct QuestionId(RunId RunId, int Sequence) : IParsable<QuestionId>
{
    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">It is no question's id.</exception>
    public static QuestionId Parse(string s, IFormatProvider? provider) => TryParse(s, provider, out var id)
        ? id
        : throw new FormatException($"'{s}' is no question's id: it has a run's id, a slash and a number.");

    /// <summary>Reads what <see cref="ToString"/> writes; false when it is no question's id.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out QuestionId result)
    {
        result = default;
        var slash = s?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0 || !RunId.TryParse(s![..slash], provider, out var run)
            || !int.TryParse(s.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            return false;
        result = new QuestionId(run, sequence);
        return true;
    }

    /// <summary>The run's id, a slash and the sequence.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{RunId}/{Sequence}");
}
