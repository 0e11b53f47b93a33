using System.CommandLine;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Encrypts a secret and sets it.</summary>
internal sealed class SetSecretCommand : StoreCommand
{
    private readonly Argument<string> _name;
    private readonly Argument<string?> _value;
    private readonly Option<string> _note;
    private readonly Option<long?> _expected;

    internal SetSecretCommand()
        : base(
            "set", "Encrypts a secret and sets it. The text comes from standard input without its last line end, or is asked for on a terminal; never from the command line, which the shell's history and the list of processes show.",
            "secrets set smtp-password              # asks for it without showing it",
            "secrets set smtp-password < password.txt",
            "pass show smtp | fletcher secrets set smtp-password --note 'rotated'")
    {
        _name = Argument("name", "The secret's name: 1 to 200 characters.").CompletedWith(StoreNames.Secrets);
        _value = OptionalArgument("text", "Not to be given: it is refused.");
        _value.Hidden = true;
        _note = Option<string>("--note", "What it is for, or why it changes; never a part of it. Default: the note that it has.", "text");
        _expected = Option<long?>("--if-version", "Only if it has this version now; 0: only if there is none.", "n");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var name = session.Get(_name);
        if (session.GetOptional(_value) is not null)
            throw new CommandException($"A secret is not given on the command line: the shell's history and the list of processes would show it. Change this one, and then: fletcher secrets set {name} < FILE, or without a text to be asked for it.", ExitCode.Usage);
        var text = SecretInput.Read(name);
        var isSet = await session.Client.SetSecretAsync(name, text, session.Get(_note), session.Get(_expected), session.CancellationToken).ConfigureAwait(false);
        var secret = (await session.Client.GetSecretsAsync(session.CancellationToken).ConfigureAwait(false)).FirstOrDefault(one => one.Name == name);
        if (!isSet)
            throw VariableView.OtherVersion(VariableKind.Secret, name, secret?.Version, secret?.ChangedBy);
        if (session.Printer.IsJson)
            session.Printer.WriteJson(json => json.WriteSecret(secret ?? throw new CommandException($"The secret '{name}' was set, and somebody has deleted it since.")));
        else
            session.Printer.Write($"Secret '{name}' is set.");
        return ExitCode.Ok;
    }
}
