using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Fletcher.Masking;
using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>
/// Turns an exception into a record. It never throws, whatever the exception does when it is asked, and what it makes is
/// bounded: an exception may carry megabytes of message, and a failing run must still be able to write down why it failed.
/// </summary>
internal static class ErrorCapture
{
    internal const int MaxMessageBytes = 16 * 1024;
    internal const int MaxSummaryBytes = 1024;
    internal const int MaxStackBytes = 64 * 1024;
    internal const int MaxInner = 20;
    internal const int MaxDepth = 10;

    /// <summary>The record of this exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="causeRun">The run of the step that first threw it; null when the flow's own body did.</param>
    /// <param name="causeSequence">The sequence of the step that first threw it; 0 for a flow's own body.</param>
    /// <param name="classifier">Decides the class; null for the built-in rule alone.</param>
    internal static ErrorRecord Capture(
        Exception exception, RunId? causeRun = null, int causeSequence = 0, FailureClassifier? classifier = null)
    {
        var left = MaxInner;
        var record = Capture(exception, classifier ?? FailureClassifier.Default, 0, ref left);
        return record with { CauseRunId = causeRun, CauseSequence = causeSequence };
    }

    /// <summary>The exception in one line, for ledgers: its type and the beginning of its message.</summary>
    internal static string Summary(Exception exception) =>
        $"{exception.GetType().Name}: {Read(exception, static e => e.Message, "message", MaxSummaryBytes)}";

    private static ErrorRecord Capture(Exception exception, FailureClassifier classifier, int depth, ref int left)
    {
        var type = exception.GetType();
        return new ErrorRecord
        {
            Type = type.FullName ?? type.Name,
            Message = Read(exception, static e => e.Message, "message", MaxMessageBytes) ?? "",
            StackTrace = Read(exception, static e => e.StackTrace, "stack trace", MaxStackBytes),
            Class = classifier.Classify(exception),
            Code = Read(exception, FailureCodes.Of, null, 256),
            Inner = CaptureInner(exception, classifier, depth + 1, ref left),
        };
    }

    private static List<ErrorRecord> CaptureInner(
        Exception exception, FailureClassifier classifier, int depth, ref int left)
    {
        if (depth > MaxDepth || exception.InnerException is null)
            return [];

        var inner = new List<ErrorRecord>();
        if (exception is AggregateException aggregate)
        {
            foreach (var one in aggregate.InnerExceptions)
            {
                if (left <= 0)
                    break;
                left--;
                inner.Add(Capture(one, classifier, depth, ref left));
            }
        }
        else if (left > 0)
        {
            left--;
            inner.Add(Capture(exception.InnerException, classifier, depth, ref left));
        }
        return inner;
    }

    private static string? Read(Exception exception, Func<Exception, string?> property, string? what, int maxBytes)
    {
        try
        {
            return Shorten(SecretMask.Mask(property(exception)), maxBytes); // masked before the cut: the half of a secret is not known as one
        }
        catch (Exception thrown)
        {
            return what is null ? null : $"(the {what} cannot be told: reading it threw {thrown.GetType().FullName})";
        }
    }

    /// <summary>The text, cut so that it has at most this many bytes in UTF-8, and saying so when it was cut.</summary>
    internal static string? Shorten(string? text, int maxBytes)
    {
        if (text is null || text.Length * 3L <= maxBytes || Encoding.UTF8.GetByteCount(text) <= maxBytes)
            return text;

        var note = string.Create(CultureInfo.InvariantCulture, $" … (cut from {text.Length:N0} characters)");
        var room = maxBytes - Encoding.UTF8.GetByteCount(note);
        var buffer = ArrayPool<byte>.Shared.Rent(room);
        // The status is not looked at: that the destination is too small is the point, and how far it came is what counts.
        _ = Utf8.FromUtf16(text, buffer.AsSpan(0, room), out var kept, out _);
        ArrayPool<byte>.Shared.Return(buffer);
        return string.Concat(text.AsSpan(0, kept), note);
    }
}
