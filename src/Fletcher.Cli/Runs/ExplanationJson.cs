using System.Text.Json;
using Fletcher.Diagnosis;

namespace Fletcher.Cli;

/// <summary>An explanation as JSON.</summary>
internal static class ExplanationJson
{
    internal static void Write(Utf8JsonWriter json, Explanation explanation, IReadOnlyList<string> standing)
    {
        json.WriteObject("run", explanation.Run, json.WriteRun);
        json.WriteString("causeRun", explanation.CauseRun.Id.ToString());
        json.WriteTexts("path", explanation.Path);
        json.WriteObject("causeStep", explanation.CauseStep, json.WriteStep);
        json.WriteError("error", explanation.Error);
        if (explanation.Frame is { } frame)
        {
            json.WriteStartObject("frame");
            json.WriteString("member", frame.Member);
            json.WriteString("file", frame.File);
            json.WriteNumber("line", frame.Line);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("frame");
        }

        json.WriteStartObject("inputs");
        foreach (var input in explanation.Inputs)
            json.WriteString(input.Name, input.Value);
        json.WriteEndObject();
        WriteChanges(json, explanation.LastSuccess);
        json.WriteList("log", explanation.Log, line =>
        {
            json.WriteTime("at", line.At);
            json.WriteString("level", line.Level.ToString());
            json.WriteString("message", line.Message);
        });
        json.WriteTexts("notRun", explanation.NotRun.Select(static one => one.Step));
        json.WriteTexts("failedWithIt", explanation.FailedWithIt.Select(static one => one.Id.ToString()));
        json.WriteList("otherFailures", explanation.OtherFailures, other =>
        {
            json.WriteString("step", other.Step);
            json.WriteString("type", other.ErrorType);
            json.WriteString("message", other.Message);
            json.WriteNumber("count", other.Count);
            json.WriteBoolean("isConsequence", other.IsConsequence);
        });
        json.WriteNumber("unknownCount", explanation.UnknownCount);
        json.WriteNumber("remembered", explanation.Remembered);
        json.WriteTexts("advice", explanation.Advice);
        json.WriteTexts("waitsFor", standing);
        json.WriteString("next", explanation.ResumeCommand);
    }

    private static void WriteChanges(Utf8JsonWriter json, SuccessComparison? last)
    {
        if (last is null)
        {
            json.WriteNull("lastSuccess");
            return;
        }

        json.WriteStartObject("lastSuccess");
        json.WriteString("run", last.RunId.ToString());
        json.WriteTime("at", last.At);
        json.WriteBoolean("nothingChanged", last.NothingChanged);
        json.WriteBoolean("versionChanged", last.VersionChanged);
        if (last.SourceChanged is { } changed)
            json.WriteBoolean("sourceChanged", changed);
        else
            json.WriteNull("sourceChanged");
        json.WriteStartArray("differences");
        foreach (var (kind, difference) in last.Inputs.Select(static one => ("input", one)).Concat(last.Parameters.Select(static one => ("parameter", one))))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteString("name", difference.Name);
            json.WriteString("before", difference.Before);
            json.WriteString("after", difference.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
