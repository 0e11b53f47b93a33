using System.Diagnostics.CodeAnalysis;

namespace Fletcher.Scheduling;

/// <summary>The text of a schedule while it is read: all refusals are made here, so that each has its position.</summary>
internal sealed class ScheduleText(string text)
{
    internal const string RefusedExpression = "FLT1701";

    internal string Text => text;

    /// <summary>The parts between white space, with the index at which each begins.</summary>
    internal IEnumerable<Part> Parts()
    {
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var begin = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at]))
                at++;
            yield return new Part(text[begin..at], begin);
        }
    }

    internal ScheduleFormatException Refusal(int position, string field, string reason) =>
        new(RefusedExpression, text, Math.Min(position, text.Length), field, reason);

    [DoesNotReturn]
    internal void Refuse(int position, string field, string reason) => throw Refusal(position, field, reason);

    /// <summary>A piece of the text and where it begins.</summary>
    internal readonly record struct Part(string Text, int Position)
    {
        /// <summary>The pieces between separators; empty ones too.</summary>
        internal IEnumerable<Part> Split(char separator)
        {
            var begin = 0;
            for (var i = 0; i <= Text.Length; i++)
            {
                if (i < Text.Length && Text[i] != separator)
                    continue;
                yield return new Part(Text[begin..i], Position + begin);
                begin = i + 1;
            }
        }

        internal Part From(int index) => new(Text[index..], Position + index);

        internal Part To(int index) => new(Text[..index], Position);
    }
}
