using System.Text.Json;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Variables and secrets, as the commands show them.</summary>
internal static class VariableView
{
    internal static string Word(VariableKind kind) => VariableNames.Word(kind);

    internal static string Title(VariableKind kind) => kind == VariableKind.Secret ? "Secret" : "Variable";

    internal static CommandException OtherVersion(VariableKind kind, string name, long? version, string? by) => new(
        version is null ? $"There is no {Word(kind)} '{name}' any more. Nothing was set." : $"{Title(kind)} '{name}' has version {version} now, set by {by}. Nothing was set.");

    internal static void WriteVariable(this Utf8JsonWriter json, VariableRecord variable)
    {
        json.WriteString("name", variable.Name);
        json.WritePropertyName("value");
        json.WriteRawValue(variable.Value.Span);
        Write(json, variable.Version, variable.ChangedAt, variable.ChangedBy, variable.Note);
    }

    internal static void WriteSecret(this Utf8JsonWriter json, SecretInfo secret)
    {
        json.WriteString("name", secret.Name);
        Write(json, secret.Version, secret.ChangedAt, secret.ChangedBy, secret.Note);
    }

    /// <summary>The variable.</summary>
    /// <exception cref="CommandException">There is none; the message has the name that was probably meant.</exception>
    internal static async ValueTask<VariableRecord> FindVariableAsync(this Session session, string name) =>
        await session.Client.FindVariableAsync(name, session.CancellationToken).ConfigureAwait(false) ?? throw await session.MissingAsync(VariableKind.Variable, name).ConfigureAwait(false);

    internal static async ValueTask<CommandException> MissingAsync(this Session session, VariableKind kind, string name)
    {
        var names = kind == VariableKind.Secret
            ? (await session.Client.GetSecretsAsync(session.CancellationToken).ConfigureAwait(false)).Select(static one => one.Name)
            : (await session.Client.GetVariablesAsync(session.CancellationToken).ConfigureAwait(false)).Select(static one => one.Name);
        return new CommandException($"There is no {Word(kind)} '{name}' in the store ({session.Store.Description}).{Nearest.Suggest(name, names)}");
    }

    private static void Write(Utf8JsonWriter json, long version, DateTimeOffset at, string by, string? note)
    {
        json.WriteNumber("setVersion", version);
        json.WriteTime("setAt", at);
        json.WriteString("setBy", by);
        json.WriteString("note", note);
    }
}
