using System.Text.Json;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Deployments as JSON; durations in seconds.</summary>
internal static class DeploymentJson
{
    internal static void WriteDeployment(this Utf8JsonWriter json, DeploymentStatus deployment)
    {
        var record = deployment.Record;
        json.WriteString("name", deployment.Name);
        json.WriteObject("settings", deployment.Effective, settings => WriteSettings(json, settings));
        json.WriteString("description", DeploymentView.Schedule(deployment.Effective));
        json.WriteString("reason", deployment.Reason);
        json.WriteTime("next", deployment.Next?.Time);
        json.WriteObject("last", record.Last, last =>
        {
            json.WriteTime("time", last.Time);
            json.WriteString("run", last.Run.ToString());
            json.WriteTime("at", last.At);
        });
        json.WriteObject("paused", record.Paused, pause => WriteWho(json, pause.At, pause.Actor, pause.Reason));
        json.WriteObject("declared", record.Declared, declared =>
        {
            json.WriteTime("at", declared.At);
            json.WriteString("actor", declared.Actor);
            json.WriteString("codeVersion", declared.CodeVersion);
            json.WriteBoolean("isByAttribute", declared.IsByAttribute);
            json.WriteObject("settings", declared.Settings, settings => WriteSettings(json, settings));
        });
        json.WriteObject("set", record.Set, set => WriteWho(json, set.At, set.Actor, set.Reason));
        json.WriteTexts("differences", deployment.Differences);
        json.WriteObject("note", record.Note, note =>
        {
            json.WriteTime("time", note.Time);
            json.WriteString("reason", note.Reason);
            json.WriteTime("at", note.At);
            json.WriteBoolean("isError", note.IsError);
        });
        json.WriteTexts("open", record.Open.Select(static run => run.ToString()));
        json.WriteTimes("waiting", record.Waiting);
        json.WriteObject("backfill", record.Backfill, backfill =>
        {
            json.WriteNumber("pending", backfill.Pending.Count);
            json.WriteNumber("atMost", backfill.AtMost);
            json.WriteTexts("open", backfill.Open.Select(static run => run.ToString()));
            json.WriteString("actor", backfill.Actor);
        });
    }

    internal static void WriteTimes(this Utf8JsonWriter json, string name, IEnumerable<DateTimeOffset> times)
    {
        json.WriteStartArray(name);
        foreach (var time in times)
            json.WriteStringValue(time.UtcDateTime);
        json.WriteEndArray();
    }

    private static void WriteSettings(Utf8JsonWriter json, DeploymentSettings settings)
    {
        json.WriteString("flow", settings.Flow);
        json.WritePropertyName("parameters");
        json.WriteRawValue(settings.Parameters);
        json.WriteObject("schedule", settings.Schedule, schedule =>
        {
            json.WriteString("text", schedule.Text);
            json.WriteString("zone", schedule.Zone);
            json.WriteTime("start", schedule.Start);
            json.WriteTime("end", schedule.End);
            json.WriteTexts("excludedDays", schedule.ExcludedDays.Select(static day => day.ToString("O")));
            json.WriteNumber("excludedCalendars", schedule.ExcludedCalendars.Count);
            json.WriteNumber("jitterSeconds", schedule.Jitter.TotalSeconds);
        });
        json.WriteString("catchUp", settings.CatchUp.ToString());
        json.WriteNumber("catchUpWindowSeconds", settings.CatchUpWindow.TotalSeconds);
        json.WriteString("overlap", settings.Overlap.ToString());
        json.WriteNumber("priority", settings.Priority);
        json.WriteString("queue", settings.Queue);
        json.WriteTexts("labels", settings.Labels);
        json.WriteTexts("tags", settings.Tags);
    }

    private static void WriteWho(Utf8JsonWriter json, DateTimeOffset at, string actor, string? reason)
    {
        json.WriteTime("at", at);
        json.WriteString("actor", actor);
        json.WriteString("reason", reason);
    }
}
