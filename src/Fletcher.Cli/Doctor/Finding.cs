namespace Fletcher.Cli;

/// <summary>Something that the doctor found.</summary>
/// <param name="Kind">What it is about, in one word, for programs.</param>
/// <param name="What">What is wrong, as a sentence.</param>
/// <param name="Todo">What to do, as a sentence.</param>
internal sealed record Finding(string Kind, string What, string Todo);
