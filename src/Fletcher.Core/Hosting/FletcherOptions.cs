using System.Text.Json;
using Fletcher.Diagnosis;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>How a host is set up.</summary>
public sealed class FletcherOptions
{
    /// <summary>Makes the store. Default: none; choose one, such as <c>UseSqlite()</c> or <see cref="UseMemory"/>.</summary>
    public Func<IRunStore>? Store { get; set; }

    /// <summary>Who is told what happens. Default: nobody.</summary>
    public IList<IRunObserver> Observers { get; } = [];

    /// <summary>Rules that say which class a failure is of, asked before the built-in ones. Default: none.</summary>
    public IList<IFailureRule> FailureRules { get; } = [];

    /// <summary>Who is asked for advice about a failure that is shown, before the built-in catalogue. Default: nobody.</summary>
    public IList<IFailureAdvisor> Advisors { get; } = [];

    /// <summary>Adds an observer that reads the host's store.</summary>
    public FletcherOptions Observe(Func<IRunStore, IRunObserver> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        StoreObservers.Add(observer);
        return this;
    }

    /// <summary>
    /// How parameters and results become JSON: add converters, or a source-generated resolver in front. What was stored under other
    /// options must stay readable.
    /// </summary>
    public JsonSerializerOptions Json { get; } = ValueCodec.CreateOptions();

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Whether lines that steps write to <see cref="Console.Out"/> and <see cref="Console.Error"/> are kept in their logs. Default false; true in plain programs.</summary>
    public bool CaptureConsole { get; set; }

    /// <summary>The failed or crashed run to continue, once, when its flow is called. Default: none; in plain programs <c>FLETCHER_RETRY</c>.</summary>
    public RunId? Retry { get; set; }

    /// <summary>The version of the program, for comparison after a failure. Default: that of the entry assembly.</summary>
    public string? CodeVersion { get; set; }

    /// <summary>What a test steps in with. Default: nothing.</summary>
    internal FaultPoints? Faults { get; set; }

    internal IList<Func<IRunStore, IRunObserver>> StoreObservers { get; } = [];

    /// <summary>Wraps the console's own writers before they are captured; given the writer and whether it is standard error.</summary>
    internal Func<TextWriter, bool, TextWriter>? CoordinateConsole { get; set; }

    /// <summary>Keeps runs in memory only: they are gone with the process, and nothing can be resumed after it.</summary>
    public FletcherOptions UseMemory()
    {
        Store = static () => new MemoryStore();
        return this;
    }
}
