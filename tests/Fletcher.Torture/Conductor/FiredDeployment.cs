using Fletcher.Scheduling;

namespace Fletcher.Torture.Conductor;

/// <summary>A deployment, and which of its firings must have a run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Overlap">What becomes of a firing while another run goes on.</param>
/// <param name="Expected">The times of all firings that were decided or filled.</param>
internal sealed record FiredDeployment(string Name, OverlapPolicy Overlap, IReadOnlyList<DateTimeOffset> Expected);
