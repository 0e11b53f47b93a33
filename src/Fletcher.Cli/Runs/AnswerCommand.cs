using System.CommandLine;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Answers a question.</summary>
internal sealed class AnswerCommand : StoreCommand
{
    private readonly Argument<string> _question;
    private readonly Argument<string> _answer;

    internal AnswerCommand()
        : base(
            "answer", "Answers a question that a run asks. The answer must fit the question's schema.",
            "runs answer 01jb2w8qk3m5n7p9r1t3v5x7z9/4 true",
            "runs answer r1t3v5x7 '{\"amount\": 240}'     # the one question that this run asks")
    {
        _question = Argument("question", "The question's id, as 'fletcher runs questions' lists it; or a run that asks just one.");
        _answer = Argument("json", "The answer as JSON. What is no JSON is taken for a text.");
    }

    protected override async Task<int> RunAsync(Session session)
    {
        var id = await FindAsync(session, session.Get(_question)).ConfigureAwait(false);
        var answer = session.Get(_answer);
        var isNew = await session.Client.AnswerJsonAsync(id, GivenParameters.IsJson(answer) ? answer : GivenParameters.ToJson(answer), session.CancellationToken).ConfigureAwait(false);
        var run = await session.FindAsync(id.RunId.ToString()).ConfigureAwait(false);
        return await Ask.DoneAsync(
            session, run, "answer", isNew ? $"Question {id} of '{run.Flow}' is answered" : $"Question {id} had this very answer already", needsHost: isNew).ConfigureAwait(false);
    }

    private static async Task<QuestionId> FindAsync(Session session, string text)
    {
        if (QuestionId.TryParse(text, null, out var id))
            return id;
        var (given, sequence) = text.Split('/') is [var first, var number] && int.TryParse(number, out var n) ? (first, n) : (text, 0);
        var run = await session.FindAsync(given).ConfigureAwait(false);
        if (sequence > 0)
            return new QuestionId(run.Id, sequence);
        var open = await session.Client.GetQuestionsAsync(run.Id, session.CancellationToken).ConfigureAwait(false);
        return open.Count switch
        {
            1 => open[0].Id,
            0 => throw new CommandException($"Run {run.Id} of '{run.Flow}' asks nothing; it is {Glyphs.Word(run.State)}."),
            _ => throw new CommandException($"Run {run.Id} of '{run.Flow}' asks {open.Count} questions: {string.Join("; ", open.Take(5).Select(static one => $"{one.Id} '{one.Text}'"))}. Say which."),
        };
    }
}
