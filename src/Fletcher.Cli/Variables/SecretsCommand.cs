using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lists secrets.</summary>
internal sealed class SecretsCommand : StoreCommand
{
    internal SecretsCommand()
        : base(
            "secrets", "Lists the secrets: texts that flows reveal, and that are kept encrypted. Nothing here shows one.",
            "secrets",
            "secrets --json",
            "secrets set smtp-password              # asks for it without showing it",
            "secrets set smtp-password < password.txt",
            "secrets delete smtp-password")
    {
        Subcommands.Add(new ListSecretsCommand());
        Subcommands.Add(new SetSecretCommand());
        Subcommands.Add(new DeleteVariableCommand(VariableKind.Secret, "secrets", "smtp-password"));
    }

    protected override Task<int> RunAsync(Session session) => ListAsync(session);

    internal static async Task<int> ListAsync(Session session)
    {
        var secrets = await session.Client.GetSecretsAsync(session.CancellationToken).ConfigureAwait(false);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteStartArray("secrets");
                foreach (var secret in secrets)
                {
                    json.WriteStartObject();
                    json.WriteSecret(secret);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        if (secrets.Count == 0)
        {
            session.Printer.Write("There is no secret. Set one: fletcher secrets set NAME");
            return ExitCode.Ok;
        }

        var now = session.Time.GetUtcNow();
        var table = new Table(new("SECRET"), new("VERSION", IsNumber: true), new("SET", IsNumber: true), new("BY"), new("NOTE", Shrinks: true));
        foreach (var secret in secrets)
            table.Add((secret.Name, Tone.Strong), (Readable.Count(secret.Version), Tone.Normal), (Ago.Of(secret.ChangedAt, now), Tone.Dim), (secret.ChangedBy, Tone.Dim), (secret.Note ?? "", Tone.Dim));
        session.Printer.Write(table.Lines(session.Printer.Width, session.Printer.Glyphs.Ellipsis));
        return ExitCode.Ok;
    }
}
