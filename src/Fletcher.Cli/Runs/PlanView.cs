using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Shows what an execution reuses and what it runs.</summary>
internal static class PlanView
{
    private const int MostShown = 50;

    internal static int Show(Session session, RunPlan plan, bool isDone)
    {
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteBoolean("dryRun", !isDone);
                json.WriteString("run", plan.RunId.ToString());
                json.WriteString("flow", plan.Flow);
                json.WriteStartArray("steps");
                foreach (var step in plan.Steps)
                {
                    json.WriteStartObject();
                    json.WriteString("run", step.RunId.ToString());
                    json.WriteNumber("sequence", step.Sequence);
                    json.WriteString("step", step.Step);
                    json.WriteString("name", step.Name);
                    json.WriteString("action", step.Action.ToString());
                    json.WriteString("why", step.Why);
                    json.WriteBoolean("isSecondEffect", step.IsSecondEffect);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        session.Printer.Write(Compose(session, plan, isDone));
        return ExitCode.Ok;
    }

    private static IEnumerable<StyledLine> Compose(Session session, RunPlan plan, bool isDone)
    {
        yield return new StyledLine().Add(isDone ? $"Run {plan.RunId} of '{plan.Flow}' was asked for:" : $"Run {plan.RunId} of '{plan.Flow}' would do this; nothing was changed:");
        foreach (var step in plan.Steps.OrderBy(static step => step.Action == PlannedAction.Reused).Take(MostShown))
        {
            var (word, tone) = step.Action switch
            {
                PlannedAction.Reused => ("reuses  ", Tone.Dim),
                PlannedAction.RunsAgain => ("runs    ", Tone.Accent),
                PlannedAction.MayRun => ("may run ", Tone.Dim),
                _ => ("in doubt", Tone.Warning),
            };
            yield return new StyledLine(2).Add(word + " ", tone).Add(step.Name is { } name ? $"{step.Step} ({name})" : step.Step)
                .Add(step.Sequence > 0 ? string.Create(CultureInfo.InvariantCulture, $" #{step.Sequence}") : "", Tone.Dim)
                .Add($"  {step.Why}", Tone.Dim)
                .Add(step.IsSecondEffect ? "  a second time, although it must run at most once" : "", Tone.Bad);
        }

        if (plan.Steps.Count > MostShown)
            yield return new StyledLine(2).Add($"{session.Printer.Glyphs.Ellipsis} and {Readable.Count(plan.Steps.Count - MostShown)} more", Tone.Dim);
        yield return new StyledLine(2).Add($"{Readable.Count(plan.Count(PlannedAction.Reused))} reused, {Readable.Count(plan.Count(PlannedAction.RunsAgain))} run", Tone.Strong);
    }
}
