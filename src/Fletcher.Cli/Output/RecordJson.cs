using System.Text.Json;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Records as JSON. What is written here is a contract: names stay, and new ones may come (docs/cli.md).</summary>
internal static class RecordJson
{
    private const int MostValueBytes = 64 * 1024;

    internal static void WriteRun(this Utf8JsonWriter json, FlowRunRecord run)
    {
        json.WriteString("id", run.Id.ToString());
        json.WriteString("flow", run.Flow);
        json.WriteString("name", run.Name);
        json.WriteString("state", run.State.ToString());
        json.WriteString("reason", run.Reason);
        json.WriteRaw("parameters", run.Parameters);
        json.WriteString("root", run.RootRunId.ToString());
        json.WriteString("parent", run.ParentRunId?.ToString());
        json.WriteString("forkedFrom", run.ForkedFrom?.ToString());
        json.WriteNumber("attempt", run.Attempt);
        json.WriteNumber("failures", run.Failures);
        json.WriteNumber("crashes", run.Crashes);
        json.WriteTime("createdAt", run.CreatedAt);
        json.WriteTime("startedAt", run.StartedAt);
        json.WriteTime("endedAt", run.EndedAt);
        json.WriteTime("nextAttemptAt", run.NextAttemptAt);
        json.WriteTime("wakeAt", run.WakeAt > DateTimeOffset.UnixEpoch ? run.WakeAt : null);
        json.WriteTime("expiresAt", run.ExpiresAt);
        json.WriteBoolean("isOver", run.IsOver);
        json.WriteBoolean("isUndoing", run.IsUndoing);
        json.WriteString("host", run.HostId?.ToString("D"));
        json.WriteString("onceKey", run.OnceKey);
        json.WriteNumber("priority", run.Priority);
        json.WriteString("queue", run.Queue);
        json.WriteString("fairnessKey", run.FairnessKey);
        json.WriteTexts("labels", run.Labels);
        json.WriteTexts("tags", run.Tags);
        json.WriteString("codeVersion", run.CodeVersion);
        json.WriteValue("result", run.Result);
        json.WriteError("error", run.Error);
    }

    internal static void WriteStep(this Utf8JsonWriter json, StepRunRecord step)
    {
        json.WriteNumber("sequence", step.Sequence);
        json.WriteNumber("parent", step.ParentSequence);
        json.WriteString("step", step.Step.Name);
        json.WriteString("name", step.Name);
        json.WriteString("state", step.State.ToString());
        json.WriteString("reason", step.Reason);
        json.WriteNumber("attempt", step.Attempt);
        json.WriteTime("startedAt", step.StartedAt);
        json.WriteTime("endedAt", step.EndedAt);
        json.WriteTime("nextAttemptAt", step.NextAttemptAt);
        json.WriteRaw("inputs", step.Inputs);
        json.WriteValue("result", step.Result);
        json.WriteError("error", step.Error);
        json.WriteString("childRun", step.ChildRunId?.ToString());
        json.WriteBoolean("atMostOnce", step.AtMostOnce);
        json.WriteNumber("undoes", step.Undoes);
        json.WriteBoolean("discarded", step.Discarded);
        json.WriteBoolean("superseded", step.Superseded);
        json.WriteString("file", step.Step.File);
        json.WriteNumber("line", step.Step.Line);
    }

    internal static void WriteError(this Utf8JsonWriter json, string name, ErrorRecord? error) =>
        json.WriteObject(name, error, given => WriteError(json, given));

    /// <summary>A stored result: what it is, and itself when it is short and text.</summary>
    internal static void WriteValue(this Utf8JsonWriter json, string name, StoredValue? value)
    {
        if (value is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("format", value.Format.ToString());
        json.WriteNumber("length", value.Length);
        json.WriteString("hash", value.Hash.ToString());
        if (value is { Format: ValueFormat.Json, Content: { Length: <= MostValueBytes } content })
            json.WriteRaw("value", content);
        else if (value is { Format: ValueFormat.Text, Content: { Length: <= MostValueBytes } text })
            json.WriteString("value", text);
        else
            json.WriteNull("value");
        json.WriteEndObject();
    }

    internal static void WriteTime(this Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } time)
            json.WriteString(name, time.UtcDateTime);
        else
            json.WriteNull(name);
    }

    /// <summary>An array of objects.</summary>
    internal static void WriteList<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>An object; null when there is nothing.</summary>
    internal static void WriteObject<T>(this Utf8JsonWriter json, string name, T? item, Action<T> write)
        where T : class
    {
        if (item is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        write(item);
        json.WriteEndObject();
    }

    internal static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    internal static void WriteRaw(this Utf8JsonWriter json, string name, byte[]? content)
    {
        json.WritePropertyName(name);
        if (content is { Length: > 0 })
            json.WriteRawValue(content);
        else
            json.WriteNullValue();
    }

    private static void WriteError(Utf8JsonWriter json, ErrorRecord error)
    {
        json.WriteString("type", error.Type);
        json.WriteString("message", error.Message);
        json.WriteString("class", error.Class.ToString());
        json.WriteString("code", error.Code);
        json.WriteString("stackTrace", error.StackTrace);
        json.WriteString("causeRun", error.CauseRunId?.ToString());
        json.WriteNumber("causeSequence", error.CauseSequence);
        json.WriteList("inner", error.Inner, inner => WriteError(json, inner));
    }
}
