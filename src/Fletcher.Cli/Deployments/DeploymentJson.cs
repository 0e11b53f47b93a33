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
        json.WriteStartObject();
        json.WriteString("name", deployment.Name);
        WriteSettings(json, "settings", deployment.Effective);
        json.WriteString("description", DeploymentView.Schedule(deployment.Effective));
        json.WriteString("reason", deployment.Reason);
        json.WriteTime("next", deployment.Next?.Time);
        WriteLast(json, record.Last);
        WriteWho(json, "paused", record.Paused is { } pause ? (pause.At, pause.Actor, pause.Reason) : null);
        WriteDeclared(json, record.Declared);
        WriteWho(json, "set", record.Set is { } set ? (set.At, set.Actor, set.Reason) : null);
        json.WriteTexts("differences", deployment.Differences);
        WriteNote(json, record.Note);
        json.WriteTexts("open", record.Open.Select(static run => run.ToString()));
        WriteTimes(json, "waiting", record.Waiting);
        WriteBackfill(json, record.Backfill);
        json.WriteEndObject();
    }

    internal static void WriteTimes(this Utf8JsonWriter json, string name, IEnumerable<DateTimeOffset> times)
    {
        json.WriteStartArray(name);
        foreach (var time in times)
            json.WriteStringValue(time.UtcDateTime);
        json.WriteEndArray();
    }

    private static void WriteSettings(Utf8JsonWriter json, string name, DeploymentSettings settings)
    {
        json.WriteStartObject(name);
        json.WriteString("flow", settings.Flow);
        json.WritePropertyName("parameters");
        json.WriteRawValue(settings.Parameters);
        if (settings.Schedule is { } schedule)
        {
            json.WriteStartObject("schedule");
            json.WriteString("text", schedule.Text);
            json.WriteString("zone", schedule.Zone);
            json.WriteTime("start", schedule.Start);
            json.WriteTime("end", schedule.End);
            json.WriteTexts("excludedDays", schedule.ExcludedDays.Select(static day => day.ToString("O")));
            json.WriteNumber("excludedCalendars", schedule.ExcludedCalendars.Count);
            json.WriteNumber("jitterSeconds", schedule.Jitter.TotalSeconds);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("schedule");
        }

        json.WriteString("catchUp", settings.CatchUp.ToString());
        json.WriteNumber("catchUpWindowSeconds", settings.CatchUpWindow.TotalSeconds);
        json.WriteString("overlap", settings.Overlap.ToString());
        json.WriteNumber("priority", settings.Priority);
        json.WriteString("queue", settings.Queue);
        json.WriteTexts("labels", settings.Labels);
        json.WriteTexts("tags", settings.Tags);
        json.WriteEndObject();
    }

    private static void WriteDeclared(Utf8JsonWriter json, DeploymentVersion declared)
    {
        json.WriteStartObject("declared");
        json.WriteTime("at", declared.At);
        json.WriteString("actor", declared.Actor);
        json.WriteString("codeVersion", declared.CodeVersion);
        json.WriteBoolean("isByAttribute", declared.IsByAttribute);
        WriteSettings(json, "settings", declared.Settings);
        json.WriteEndObject();
    }

    private static void WriteLast(Utf8JsonWriter json, DeploymentFiring? last)
    {
        if (last is null)
        {
            json.WriteNull("last");
            return;
        }

        json.WriteStartObject("last");
        json.WriteTime("time", last.Time);
        json.WriteString("run", last.Run.ToString());
        json.WriteTime("at", last.At);
        json.WriteEndObject();
    }

    private static void WriteNote(Utf8JsonWriter json, DeploymentNote? note)
    {
        if (note is null)
        {
            json.WriteNull("note");
            return;
        }

        json.WriteStartObject("note");
        json.WriteTime("time", note.Time);
        json.WriteString("reason", note.Reason);
        json.WriteTime("at", note.At);
        json.WriteBoolean("isError", note.IsError);
        json.WriteEndObject();
    }

    private static void WriteWho(Utf8JsonWriter json, string name, (DateTimeOffset At, string Actor, string? Reason)? who)
    {
        if (who is not var (at, actor, reason))
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteTime("at", at);
        json.WriteString("actor", actor);
        json.WriteString("reason", reason);
        json.WriteEndObject();
    }

    private static void WriteBackfill(Utf8JsonWriter json, DeploymentBackfill? backfill)
    {
        if (backfill is null)
        {
            json.WriteNull("backfill");
            return;
        }

        json.WriteStartObject("backfill");
        json.WriteNumber("pending", backfill.Pending.Count);
        json.WriteNumber("atMost", backfill.AtMost);
        json.WriteTexts("open", backfill.Open.Select(static run => run.ToString()));
        json.WriteString("actor", backfill.Actor);
        json.WriteEndObject();
    }
}
