using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>A time of an RFC 5545 text: local, in UTC, or the midnight of a date.</summary>
internal readonly record struct RuleTime(LocalDateTime Value, bool IsUtc, bool IsDate);
