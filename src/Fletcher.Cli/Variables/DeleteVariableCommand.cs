using System.CommandLine;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Deletes a variable or a secret.</summary>
internal sealed class DeleteVariableCommand : StoreCommand
{
    private readonly VariableKind _kind;
    private readonly Argument<string> _name;

    internal DeleteVariableCommand(VariableKind kind, string group, string example)
        : base("delete", $"Deletes a {VariableView.Word(kind)}. Whoever reads it then fails, unless the code has a default.", $"{group} delete {example}")
    {
        _kind = kind;
        _name = Argument("name", $"The {VariableView.Word(kind)}'s name.").CompletedWith(kind == VariableKind.Secret ? StoreNames.Secrets : StoreNames.Variables);
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var name = session.Get(_name);
        var isDeleted = _kind == VariableKind.Secret
            ? await session.Client.DeleteSecretAsync(name, session.CancellationToken).ConfigureAwait(false)
            : await session.Client.DeleteVariableAsync(name, session.CancellationToken).ConfigureAwait(false);
        if (!isDeleted)
            throw await session.MissingAsync(_kind, name).ConfigureAwait(false);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("name", name);
                json.WriteBoolean("deleted", true);
            });
        }
        else
        {
            session.Printer.Write($"{VariableView.Title(_kind)} '{name}' is deleted.");
        }

        return ExitCode.Ok;
    }
}
