using System.Globalization;
using Fletcher.Bench.Workloads;
using Fletcher.Storage;

namespace Fletcher.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments
{
    internal required IReadOnlyList<Workload> Workloads { get; init; }

    internal StoreKind Store { get; init; }

    internal Durability Durability { get; init; } = Durability.Full;

    internal int Repeats { get; init; } = 5;

    internal bool Smoke { get; init; }

    internal string? Json { get; init; }

    /// <summary>Where the databases are made; a folder of its own inside it, removed at the end.</summary>
    internal string Folder { get; init; } = Path.GetTempPath();

    internal static string Usage => $"""
        Usage: dotnet run -c Release --project bench/Fletcher.Bench -- <workload>… [options]
               dotnet run -c Release --project bench/Fletcher.Bench -- micro [filter]

        Workloads: all, {string.Join(", ", Workload.All.Select(w => w.Name))}

        Options:
          --store sqlite|memory|postgres   where runs are kept (default sqlite); postgres is a server that is started on this machine, and
                                       only for {string.Join(", ", Workload.All.Where(w => w.IsForServers).Select(w => w.Name))}
          --durability full|process    what a commit survives, on both sides (default full)
          --repeats N                  how often each side is measured (default 5)
          --dir FOLDER                 where the databases are made (default the folder for temporary files)
          --json FILE                  writes the table there as JSON too
          --smoke                      tiny sizes: shows that everything runs, measures nothing
        """;

    internal static bool TryParse(string[] args, out Arguments arguments, out string mistake)
    {
        arguments = new Arguments { Workloads = [] };
        try
        {
            arguments = Parse(args);
            mistake = "";
            return true;
        }
        catch (FormatException e)
        {
            mistake = e.Message;
            return false;
        }
    }

    private static Arguments Parse(string[] args)
    {
        var parsed = new Arguments { Workloads = [] };
        var workloads = new List<Workload>();
        var rest = new Queue<string>(args);
        while (rest.TryDequeue(out var arg))
        {
            parsed = arg switch
            {
                "--smoke" => parsed with { Smoke = true, Repeats = 1 },
                "--store" => parsed with { Store = (StoreKind)OneOf(arg, Value(arg, rest), "sqlite", "memory", "postgres") },
                "--durability" => parsed with { Durability = (Durability)OneOf(arg, Value(arg, rest), "full", "process") },
                "--repeats" => parsed with { Repeats = Number(arg, Value(arg, rest)) },
                "--dir" => parsed with { Folder = Existing(arg, Value(arg, rest)) },
                "--json" => parsed with { Json = Value(arg, rest) },
                _ when arg.StartsWith('-') => throw new FormatException($"'{arg}' is not an option."),
                _ => parsed,
            };
            if (!arg.StartsWith('-'))
                workloads.AddRange(Named(arg));
        }

        if (parsed.Store == StoreKind.PostgreSql && workloads.Find(w => !w.IsForServers) is { } other)
            throw new FormatException($"'{other.Name}' cannot be measured with --store postgres.");
        if (workloads.Count == 0)
            throw new FormatException("No workload was named.");
        return parsed with { Workloads = workloads };
    }

    private static IEnumerable<Workload> Named(string name) =>
        name == "all" ? Workload.All
        : Workload.All.FirstOrDefault(w => w.Name == name) is { } one ? [one]
        : throw new FormatException($"There is no workload '{name}'.");

    private static string Value(string option, Queue<string> rest) =>
        rest.TryDequeue(out var value) ? value : throw new FormatException($"'{option}' needs a value.");

    private static int OneOf(string option, string value, params string[] allowed) =>
        Array.IndexOf(allowed, value) is >= 0 and var index
            ? index
            : throw new FormatException($"'{option}' is '{value}'; it can be {string.Join(" or ", allowed)}.");

    private static int Number(string option, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1000
            ? number
            : throw new FormatException($"'{option}' is '{value}'; it must be a number from 1 to 1000.");

    private static string Existing(string option, string folder) =>
        Directory.Exists(folder) ? folder : throw new FormatException($"'{option}' is '{folder}', which is not a folder.");
}
