using System.Text.RegularExpressions;
using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>Which runs the host takes, and what it says about its flows.</summary>
public sealed partial class FletcherHost
{
    private static readonly TimeSpan PatternLimit = TimeSpan.FromSeconds(1);

    /// <summary>Whether the host takes no more runs (<see cref="DrainAsync"/>).</summary>
    public bool IsDraining => Intake.IsDraining;

    internal Intake Intake { get; }

    /// <summary>The flows of which the host takes only so many runs at the same time.</summary>
    internal IReadOnlyList<string> BoundedFlows { get; }

    /// <summary>The flows that the program has and that can be called by name.</summary>
    internal IReadOnlyList<string> FlowNames => Known.Names;

    /// <summary>
    /// Takes no more runs from now on. What it has goes on, and so does what the program itself calls; runs that it parks go on elsewhere when they are due. Other hosts are told.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the host goes on to take nothing.</param>
    /// <returns>Completes when the runs that the host took have ended or are parked.</returns>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        var emptied = Intake.Drain();
        await SayCapacityAsync(0, cancellationToken).ConfigureAwait(false);
        await emptied.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes runs again after <see cref="DrainAsync"/>; does nothing when the host does.</summary>
    public async Task EndDrainAsync(CancellationToken cancellationToken = default)
    {
        if (!Intake.IsDraining)
            return;
        await SayCapacityAsync(_options.Capacity, cancellationToken).ConfigureAwait(false);
        Intake.Open();
        Loop.Poke();
    }

    private async ValueTask SayCapacityAsync(int capacity, CancellationToken cancellationToken)
    {
        if (Catalog is null)
            return;
        Identity = Identity with { Capacity = capacity };
        if (_opened is { IsCompletedSuccessfully: true })
            await _pulse.SayAsync(cancellationToken).ConfigureAwait(false);
    }

    private HostRecord Describe(HostRecord host)
    {
        if (Catalog is null)
            return host;
        return host with
        {
            Flows = ChooseFlows(Catalog.Names),
            Queues = [.. _options.Queues.Distinct(StringComparer.Ordinal)],
            Labels = [.. _options.Labels.Distinct(StringComparer.Ordinal)],
            Capacity = _options.Capacity,
        };
    }

    /// <exception cref="FletcherUsageException">The options name a flow that the program does not have.</exception>
    private IReadOnlyList<string> ChooseFlows(IReadOnlyList<string> names)
    {
        Check(nameof(FletcherOptions.FlowConcurrency), _options.FlowConcurrency.Keys.Where(flow => !names.Contains(flow)));
        if (_options.Flows.Count == 0)
            return names;
        var patterns = _options.Flows.Select(name => (Name: name, Pattern: new Regex(
            $"^{Regex.Escape(name).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant | RegexOptions.Singleline, PatternLimit))).ToList();
        Check(nameof(FletcherOptions.Flows), patterns.Where(named => !names.Any(named.Pattern.IsMatch)).Select(named => named.Name));
        return [.. names.Where(flow => patterns.Any(named => named.Pattern.IsMatch(flow)))];

        void Check(string option, IEnumerable<string> missing)
        {
            if (missing.FirstOrDefault() is { } name)
            {
                throw new FletcherUsageException(
                    "FLT1410", $"FletcherOptions.{option} names '{name}', and this program has no such flow. It has: {(names.Count == 0 ? "none" : string.Join(", ", names))}.");
            }
        }
    }

    /// <summary>Says in the store what flows the host takes, so that they can be started by programs that do not have them.</summary>
    private async ValueTask PublishFlowsAsync(CancellationToken cancellationToken)
    {
        List<FlowRecord> news = [];
        foreach (var name in Identity.Flows)
        {
            var flow = Catalog!.Find(name)!;
            var known = await Store.GetFlowAsync(name, cancellationToken).ConfigureAwait(false);
            if (known is null || known.ParameterSchema != flow.ParameterSchema || known.SourceHash != flow.SourceHash || known.CodeVersion != CodeVersion
                || known.Summary != flow.Summary || !known.Tags.SequenceEqual(flow.Tags, StringComparer.Ordinal))
            {
                news.Add(new FlowRecord
                {
                    Name = name,
                    ParameterSchema = flow.ParameterSchema,
                    Summary = flow.Summary,
                    Tags = flow.Tags,
                    SourceHash = flow.SourceHash,
                    CodeVersion = CodeVersion,
                    PublishedAt = Now,
                });
            }
        }

        if (news.Count > 0)
            await Store.PutFlowsAsync(news, cancellationToken).ConfigureAwait(false);
    }
}
