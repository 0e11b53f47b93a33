using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>
/// Decides the <see cref="FailureClass"/> of an exception: the rules it was given are asked first, in their order, then the
/// built-in one; for the exception itself, then for its inner exceptions. What nobody knows is <see cref="FailureClass.Code"/>.
/// </summary>
/// <param name="rules">Rules of the program, asked before the built-in one.</param>
public sealed class FailureClassifier(IEnumerable<IFailureRule> rules)
{
    // Nobody nests deeper on purpose; the bound keeps a hostile chain from taking time.
    private const int MaxDepth = 32;

    private readonly IFailureRule[] _rules = [.. rules, new KnownExceptions()];

    /// <summary>Only the built-in rule.</summary>
    public static FailureClassifier Default { get; } = new([]);

    /// <summary>The class of this exception. It never throws: a rule that does is passed over.</summary>
    public FailureClass Classify(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var current = exception;
        for (var depth = 0; current is not null && depth < MaxDepth; depth++)
        {
            foreach (var rule in _rules)
                if (Ask(rule, current) is { } found)
                    return found;
            current = current.InnerException;
        }
        return FailureClass.Code;
    }

    private static FailureClass? Ask(IFailureRule rule, Exception exception)
    {
        try
        {
            return rule.Classify(exception);
        }
        catch (Exception)
        {
            return null;
        }
    }
}
