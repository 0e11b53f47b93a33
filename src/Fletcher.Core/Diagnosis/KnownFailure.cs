using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>A failure that happens to everybody, and what to do about it.</summary>
/// <param name="Id">Its name within the catalogue.</param>
/// <param name="Matches">Whether an error is this one; asked for each error of a chain by itself.</param>
/// <param name="Advice">What it means and what to do, in plain words.</param>
internal sealed record KnownFailure(string Id, Func<ErrorRecord, bool> Matches, string Advice);
