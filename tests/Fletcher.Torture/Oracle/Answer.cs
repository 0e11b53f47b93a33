using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>What a call of a flow returned to its caller in some process.</summary>
internal sealed record Answer(ulong Seed, Folded Result);
