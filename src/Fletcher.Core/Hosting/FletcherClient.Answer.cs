using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Hosting;

public sealed partial class FletcherClient
{
    /// <summary>
    /// Answers a question that a run asked with <see cref="Flow.Ask{T}"/>. The answer must fit the JSON schema that is kept with the question. Who answered and when is kept. A question has
    /// one answer: of two that are given at the same time one counts, and the other is refused. To give the same answer again, under the same name, changes nothing.
    /// </summary>
    /// <param name="question">The question: <see cref="QuestionRecord.Id"/>.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it is new; false when this very answer was given before.</returns>
    /// <exception cref="FletcherUsageException">
    /// There is no such question; it was answered otherwise, given up or withdrawn; its run has ended; the answer does not fit (the message says where); or it cannot be written as JSON.
    /// </exception>
    public Task<bool> AnswerAsync<T>(QuestionId question, T answer, CancellationToken cancellationToken = default) =>
        AnswerAsync(question, GivenValue.Of(answer), cancellationToken);

    /// <summary>Answers a question with JSON; see <see cref="AnswerAsync{T}"/>.</summary>
    /// <param name="question">The question: <see cref="QuestionRecord.Id"/>.</param>
    /// <param name="json">The answer as JSON.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it is new; false when this very answer was given before.</returns>
    /// <exception cref="FletcherUsageException">As for <see cref="AnswerAsync{T}"/>, or the text is no JSON.</exception>
    public Task<bool> AnswerJsonAsync(QuestionId question, string json, CancellationToken cancellationToken = default) =>
        AnswerAsync(question, GivenValue.OfJson(json), cancellationToken);

    private async Task<bool> AnswerAsync(QuestionId id, GivenValue given, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var asked = (await _store.GetQuestionsAsync(id.RunId, false, int.MaxValue, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(question => question.Sequence == id.Sequence)
            ?? throw new FletcherUsageException("FLT1513", $"There is no question {id} in the store ({_store.Description}).");
        var content = given.ToJson(_json, $"answer to '{asked.Text}'");
        if (JsonSchemaCheck.Find(asked.Schema, content) is { Count: > 0 } errors)
            throw new FletcherUsageException("FLT1515", $"The answer to '{asked.Text}' ({id}) does not fit: {string.Join("; ", errors)}. It must fit {asked.Schema}");
        if (asked.ClosedAt is not null)
            return IsSame(asked.AnsweredBy, asked.Answer, content) ? false : throw Closed(asked, asked.AnsweredBy, asked.ClosedAt);

        // The key makes the answer the only one, whoever else answers now. One that the run refused, as its code could not read it, makes room for another.
        for (var number = 1; ; number++)
        {
            var message = New(id.RunId, MessageKind.Answer, null) with
            {
                Name = id.Sequence.ToString(CultureInfo.InvariantCulture),
                Content = content,
                Key = string.Create(CultureInfo.InvariantCulture, $"$answer/{id.Sequence}/{number}"),
            };
            var before = await _store.GetLastMessageAsync(cancellationToken).ConfigureAwait(false);
            var kept = await _store.SendAsync(message, cancellationToken).ConfigureAwait(false);
            if (kept is null)
            {
                var run = await FindAsync(id.RunId, cancellationToken).ConfigureAwait(false);
                throw new FletcherUsageException("FLT1503", $"Flow run {run.Id} of '{run.Flow}' ended {run.State} at {run.EndedAt:u}: its question '{asked.Text}' wants no answer any more.");
            }

            _host?.Loop.Poke();
            if (kept.TakenBy == -1)
                continue;
            if (IsSame(kept.Actor, kept.Content, content))
                return kept.Number > before;
            throw Closed(asked, kept.Actor, kept.SentAt);
        }
    }

    private bool IsSame(string? actor, byte[]? answer, byte[] content) => actor == Actor && answer is not null && answer.AsSpan().SequenceEqual(content);

    private static FletcherUsageException Closed(QuestionRecord asked, string? by, DateTimeOffset? at) => new(
        "FLT1514", by is null
            ? $"The question '{asked.Text}' ({asked.Id}) was given up or withdrawn at {at:u}: it wants no answer any more."
            : $"The question '{asked.Text}' ({asked.Id}) was answered by {by} at {at:u}.");
}
