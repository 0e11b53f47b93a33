using System.Globalization;
using System.Text;

namespace Fletcher.Model.Tests.Exploring;

/// <summary>What an exploration found: how much there is, and the shortest way to a violation if there is one.</summary>
internal sealed record Exploration(int States, long Transitions, int Ends, int Depth, Violation? Violation, IReadOnlyList<string> Trace)
{
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{States:N0} states, {Transitions:N0} transitions, {Ends:N0} ends, depth {Depth}");
        if (Violation is null)
            return text.ToString();

        text.AppendLine().Append(CultureInfo.InvariantCulture, $"{Violation.Property}: {Violation.Why}");
        for (var i = 0; i < Trace.Count; i++)
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"{i + 1,4}. {Trace[i]}");
        return text.ToString();
    }
}
