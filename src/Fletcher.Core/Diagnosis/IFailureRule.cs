using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>Says what kind of thing failed, for exceptions that it knows.</summary>
public interface IFailureRule
{
    /// <summary>
    /// The class of this exception, or null when the rule does not know it. It is asked for the exception, then for its inner
    /// ones; it need not look at those itself.
    /// </summary>
    FailureClass? Classify(Exception exception);
}
