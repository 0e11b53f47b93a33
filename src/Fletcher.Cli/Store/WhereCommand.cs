using System.CommandLine;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Says where the store is.</summary>
internal sealed class WhereCommand : ToolCommand
{
    internal WhereCommand()
        : base("where", "Says which store the commands use, who says so, and whether it can be opened. Changes nothing.", "store where", "store where --store runs.db")
        => SetAction(RunAsync);

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var place = StorePlace.Of(arguments);
        var printer = Printer.Of(arguments);
        var store = place.Create(mustExist: true);
        await using (store.ConfigureAwait(false))
        {
            string? trouble = null;
            try
            {
                await store.OpenAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (StoreUnavailableException e)
            {
                trouble = e.Message;
            }

            if (printer.IsJson)
            {
                printer.WriteJson(json =>
                {
                    json.WriteString("kind", place.IsPostgreSql ? "PostgreSQL" : "SQLite");
                    json.WriteString("store", store.Description);
                    json.WriteString("source", place.Source);
                    json.WriteBoolean("isUsable", trouble is null);
                    json.WriteString("trouble", trouble);
                });
            }
            else
            {
                printer.Write(new StyledLine { IsVerbatim = true }.Add(store.Description, Tone.Strong));
                printer.Write(place.Source switch
                {
                    "option" => "said by --store",
                    "environment" => "said by FLETCHER_STORE",
                    _ => "where plain programs have it; --store and FLETCHER_STORE name another one",
                });
                if (trouble is not null)
                    printer.Write(new StyledLine().Add(trouble, Tone.Bad));
            }

            return trouble is null ? ExitCode.Ok : ExitCode.Store;
        }
    }
}
