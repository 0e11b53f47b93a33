using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>What stands behind a <c>{"$step": n}</c> in a step run's inputs: the result of an earlier step run.</summary>
internal readonly record struct StepReference(string Step, ContentHash Content, long Length);
