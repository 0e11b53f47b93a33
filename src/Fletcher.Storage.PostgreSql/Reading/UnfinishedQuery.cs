using Fletcher.Model;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Which unfinished runs: see <see cref="IRunStore.FindUnfinishedAsync"/>.</summary>
internal readonly record struct UnfinishedQuery(string Flow, ContentHash ParametersHash, Guid ExceptHost, int Limit);
