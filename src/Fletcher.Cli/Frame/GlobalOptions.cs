using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>The options that every command has.</summary>
internal static class GlobalOptions
{
    internal static Option<string> Store { get; } = new("--store")
    {
        Description = "The store: the path of a SQLite file, or a PostgreSQL connection string. Default: FLETCHER_STORE, else the file in the user's data folder.",
        HelpName = "path|connection",
        Recursive = true,
    };

    internal static Option<string> Schema { get; } = new("--schema")
    {
        Description = "The schema in PostgreSQL. Default: fletcher.",
        HelpName = "name",
        Recursive = true,
    };

    internal static Option<bool> Json { get; } = new("--json")
    {
        Description = "Write JSON to standard output, times in UTC.",
        Recursive = true,
    };
}
