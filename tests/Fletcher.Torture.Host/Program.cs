using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;
using Fletcher.Torture;
using Fletcher.Torture.Effects;

// A host in tests of several. Arguments: the store, the effects file, what a commit survives (Full or Process), the parent's process id.
// Commands on standard input: 'run <seed>'. It says 'ready', 'done <seed> <value> <unknown,…>' and 'failed <seed> <error>', and
// ends when standard input does.
DeathOfParent.Follow(int.Parse(args[3], CultureInfo.InvariantCulture));
var store = new SqliteStore(new SqliteStoreOptions { Path = args[0], Durability = Enum.Parse<Durability>(args[2]) });
using var effects = new EffectFile(args[1]);
var options = new FletcherOptions { Store = () => store };
options.Observers.Add(new LeaseObserver(effects));
await new HostLoop(options).RunAsync(Console.In);
return 0;
