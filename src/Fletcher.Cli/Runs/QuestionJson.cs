using System.Text.Json;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Questions as JSON.</summary>
internal static class QuestionJson
{
    internal static void WriteQuestion(this Utf8JsonWriter json, QuestionRecord question)
    {
        json.WriteString("id", question.Id.ToString());
        json.WriteString("run", question.RunId.ToString());
        json.WriteString("text", question.Text);
        json.WriteString("to", question.To);
        json.WriteTime("askedAt", question.AskedAt);
        json.WriteTime("expiresAt", question.ExpiresAt);
        json.WritePropertyName("schema");
        json.WriteRawValue(question.Schema);
    }
}
