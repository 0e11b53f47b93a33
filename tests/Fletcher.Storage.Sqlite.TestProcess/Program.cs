using System.Globalization;
using Fletcher.Model;
using Fletcher.Storage.Sqlite;
using Fletcher.Storage.Sqlite.TestProcess;

// The other process in tests of several. Commands:
//   write <database> <batches>     writes batches of a run of its own, says the number of each that is committed
//   claim <database>               claims every queued run, says the ids of those it got
//   due <database>                 claims every due run of flow F, some at a time, says the ids of those it got
//   send <database> <run>          sends messages to a run until it is killed, says the number of each that is committed
//   limit <database> <folder> <slots> <turns>   takes places under a limit, says its run and each turn
//   once <database> <keys>         creates a run for each Once key, says the keys it was first for
var store = new SqliteStore(new SqliteStoreOptions { Path = args[1] });
await using (store.ConfigureAwait(false))
{
    await store.OpenAsync(CancellationToken.None);
    switch (args[0])
    {
        case "limit":
            await LimitTurns.TakeAsync(store, args[2], int.Parse(args[3], CultureInfo.InvariantCulture), int.Parse(args[4], CultureInfo.InvariantCulture));
            break;
        case "write":
            await Batches.WriteAsync(store, int.Parse(args[2], CultureInfo.InvariantCulture));
            break;
        case "claim":
            await Claims.ClaimAllAsync(store);
            break;
        case "due":
            await Claims.ClaimDueAsync(store);
            break;
        case "send":
            await Messages.SendAsync(store, RunId.Parse(args[2], CultureInfo.InvariantCulture));
            break;
        case "once":
            await Claims.CreateAllAsync(store, int.Parse(args[2], CultureInfo.InvariantCulture));
            break;
        default:
            return 2;
    }
}

return 0;
