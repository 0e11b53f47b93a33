using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Brings the store up to date.</summary>
internal sealed class MigrateCommand : ToolCommand
{
    private readonly Option<bool> _create;

    internal MigrateCommand()
        : base(
            "migrate", "Brings the schema of a store of an earlier version up to date. Programs do that by themselves; this does it before they start.",
            "store migrate",
            "store migrate --store 'Host=db;Database=fletcher' --create     # makes the store too")
    {
        _create = Option<bool>("--create", "Makes the store when there is none.");
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var place = StorePlace.Of(arguments);
        var hasChanged = false;
        var looked = place.Create(mustExist: true);
        await using (looked.ConfigureAwait(false))
        {
            try
            {
                await looked.OpenAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (StoreUnavailableException e) when (e.Id == StoreErrors.OlderVersion || (e.Id == StoreErrors.NoStore && arguments.GetValue(_create)))
            {
                hasChanged = true;
            }
            catch (StoreUnavailableException e) when (e.Id == StoreErrors.NoStore)
            {
                throw new CommandException($"{e.Message} To make it here, give --create.", ExitCode.Store);
            }
        }

        var store = place.Create(mustExist: false);
        await using (store.ConfigureAwait(false))
        {
            if (hasChanged)
                await store.OpenAsync(cancellationToken).ConfigureAwait(false);
            var printer = Printer.Of(arguments);
            if (printer.IsJson)
            {
                printer.WriteJson(json =>
                {
                    json.WriteString("store", store.Description);
                    json.WriteBoolean("changed", hasChanged);
                });
            }
            else
            {
                printer.Write(hasChanged ? $"The store ({store.Description}) is up to date now." : $"The store ({store.Description}) was up to date.");
            }
        }

        return ExitCode.Ok;
    }

    /// <summary>The ids are the same for all stores.</summary>
    private static class StoreErrors
    {
        internal const string NoStore = "FLT1117";
        internal const string OlderVersion = "FLT1118";
    }
}
