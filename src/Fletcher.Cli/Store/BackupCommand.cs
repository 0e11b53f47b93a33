using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Copies the store.</summary>
internal sealed class BackupCommand : StoreCommand
{
    private readonly Argument<string> _file;

    internal BackupCommand()
        : base(
            "backup", "Writes a copy of a SQLite store as it is at one moment, while hosts go on; large results go into a folder beside it. For PostgreSQL it says which of its tools does that.",
            "store backup /backup/fletcher-2026-10-01.db")
        => _file = Argument("file", "Where to; a file that does not exist.");

    protected override async Task<int> RunAsync(Session session)
    {
        var file = Path.GetFullPath(session.Get(_file));
        if (Path.GetDirectoryName(file) is { } folder && !Directory.Exists(folder))
            throw new CommandException($"The folder '{folder}' does not exist. Make it, or name another file.");
        await session.Upkeep().BackUpAsync(file, session.CancellationToken).ConfigureAwait(false);
        var size = new FileInfo(file).Length;
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("store", session.Store.Description);
                json.WriteString("file", file);
                json.WriteNumber("bytes", size);
            });
        }
        else
        {
            session.Printer.Write($"Copied {session.Store.Description} to {file} ({StatsCommand.Size(size)}).");
        }

        return ExitCode.Ok;
    }
}
