using System.Globalization;
using System.Runtime.InteropServices;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Torture;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Flows;

// A host in tests of several. Arguments: the store (a file, or where a PostgreSQL database is), the effects file, what a commit survives (Full or Process), if wished how many runs it
// executes at the same time, if wished by how many seconds its clock is ahead, and the parent's process id.
// Commands on standard input: 'run <seed>' until it has the flow's result, 'start <seed>' once. It says 'ready',
// 'done <seed> <value> <unknown,…>', 'failed <seed> <error>', 'lost <seed>' when another host has taken the run, and 'stuck 0 <what>' when it
// does not stop. It ends at once when standard input does, and hands its runs over at SIGTERM.
DeathOfParent.Follow(int.Parse(args[^1], CultureInfo.InvariantCulture));
var clock = args.Length > 5 ? new ShiftedClock(TimeSpan.FromSeconds(int.Parse(args[4], CultureInfo.InvariantCulture))) : TimeProvider.System;
var store = StorePlace.Open(args[0], Enum.Parse<Durability>(args[2]), clock);
using var effects = new EffectFile(args[1]);
Invoices.File = Firings.File = effects;
var options = new FletcherOptions
{
    Store = () => store,
    Time = clock,
    TakesRuns = true,
    HostTimeout = TimeSpan.FromSeconds(1),
    ParkAfter = TimeSpan.FromMilliseconds(50),
    CancelGrace = TimeSpan.FromSeconds(1),
    ShutdownGrace = TimeSpan.FromSeconds(1),
    CrashResumes = int.MaxValue,
    CrashBackoff = [TimeSpan.Zero, TimeSpan.FromMilliseconds(20)],
};
if (args.Length > 4)
{
    // It shares with others that are not to take a busy machine for a dead host.
    options.Capacity = int.Parse(args[3], CultureInfo.InvariantCulture);
    options.HostTimeout = TimeSpan.FromSeconds(3);
}

options.Observers.Add(new LeaseObserver(effects));
var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.TrySetResult();
});
await new CommandLoop(options).RunAsync(Console.In, stop.Task);
return 0;
