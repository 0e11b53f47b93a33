using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>How a run is started. Nothing of it is inherited by the runs that it starts in turn.</summary>
public sealed record StartOptions
{
    /// <summary>When it starts; a host takes it then, or as soon as one can. Default: at once. A time that is past is at once.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>
    /// Only the first start of the flow with this key makes a run, whatever became of it; the others return that one. For a caller that asks again because it does not know whether
    /// its first call arrived. At most 500 characters. Default: none.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>While a run of the flow that was started with this key is open, another start returns that one. At most 500 characters. Default: none.</summary>
    public string? DeduplicationKey { get; init; }

    /// <summary>Waits whether another start of the same kind comes, and then runs once, for the last one. Not together with <see cref="At"/>. Default: none.</summary>
    public Debounce? Debounce { get; init; }

    /// <summary>Of the runs that wait, hosts take those with a higher one first. Default 0; may be negative.</summary>
    public int Priority { get; init; }

    /// <summary>The queue that it waits in (<see cref="FletcherOptions.Queues"/>). Default: <c>default</c>.</summary>
    public string Queue { get; init; } = FlowRunRecord.DefaultQueue;

    /// <summary>The labels that a host must have to take it (<see cref="FletcherOptions.Labels"/>). Default: none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whose run it is, such as a tenant: of runs with the same priority, hosts take those with different keys in turn. Default: none, which is a key like any other.</summary>
    public string? FairnessKey { get; init; }

    /// <summary>Words to find the run by, besides those of its flow. Default: none.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Why, in one sentence, for the ledger. Default: none.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Whether to start a flow by name although neither this program nor any host that used the store has it. Its parameters are not checked then, and it waits for a host that takes the flow. Default
    /// false: an error, as the name is probably wrong.
    /// </summary>
    public bool AllowUnknownFlow { get; init; }

    /// <exception cref="FletcherUsageException">A setting is out of its range.</exception>
    internal void Check()
    {
        const int longest = 500;
        List<string> errors = [];
        CheckKey(nameof(IdempotencyKey), IdempotencyKey);
        CheckKey(nameof(DeduplicationKey), DeduplicationKey);
        CheckKey(nameof(FairnessKey), FairnessKey);
        CheckKey($"{nameof(Debounce)}.{nameof(Hosting.Debounce.Key)}", Debounce?.Key);
        if (Debounce is { } debounce && debounce.Wait <= TimeSpan.Zero)
            errors.Add($"Debounce.Wait is {debounce.Wait}; it must be more than zero");
        if (Debounce is not null && At is not null)
            errors.Add("Debounce and At are both set; a debounced run starts when its time to wait is over");
        if (string.IsNullOrWhiteSpace(Queue) || Queue.Length > longest)
            errors.Add($"Queue is '{Queue}'; it must be a name of at most {longest} characters");
        if (Labels.FirstOrDefault(label => string.IsNullOrWhiteSpace(label)) is not null || Labels.Contains(null!))
            errors.Add("Labels has one that is empty");
        if (Tags.Contains(null!))
            errors.Add("Tags has one that is null");
        if (errors.Count > 0)
            throw new FletcherUsageException("FLT1518", $"The run cannot be started so: {string.Join("; ", errors)}.");

        void CheckKey(string name, string? key)
        {
            if (key is not null && (key.Length is 0 or > longest))
                errors.Add($"{name} has {key.Length} characters; it must have 1 to {longest}");
        }
    }
}

/// <summary>
/// Several starts that come shortly after one another are one run: each takes the place of the one that waits, and waits anew. With the key <c>customer 7</c> and 30 seconds, a customer whose data
/// changes ten times in a minute is processed once, half a minute after the last change.
/// </summary>
/// <param name="Key">Starts of the flow with the same key are of the same kind; 1 to 500 characters.</param>
/// <param name="Wait">How long the run waits after the last start; more than zero.</param>
public sealed record Debounce(string Key, TimeSpan Wait);
