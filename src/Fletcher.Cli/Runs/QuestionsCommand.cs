using System.CommandLine;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Lists open questions.</summary>
internal sealed class QuestionsCommand : StoreCommand
{
    private readonly Argument<string?> _run;

    internal QuestionsCommand()
        : base(
            "questions", "Lists the questions that runs ask and nobody has answered, the newest first; at most 1,000.",
            "runs questions",
            "runs questions r1t3v5x7 --json")
        => _run = OptionalArgument("run", "Only the questions of this run. Default: all.");

    protected override async Task<int> RunAsync(Session session)
    {
        var run = session.GetOptional(_run) is { } text ? (await session.FindAsync(text).ConfigureAwait(false)).Id : (Model.RunId?)null;
        var questions = await session.Client.GetQuestionsAsync(run, session.CancellationToken).ConfigureAwait(false);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteStartArray("questions");
                foreach (var question in questions)
                {
                    json.WriteStartObject();
                    json.WriteQuestion(question);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        if (questions.Count == 0)
        {
            session.Printer.Write("No question is open.");
            return ExitCode.Ok;
        }

        var table = new Table(new("QUESTION"), new("ASKED", IsNumber: true), new("TO", Shrinks: true), new("TEXT", Shrinks: true));
        foreach (var question in questions)
            table.Add((question.Id.ToString(), Tone.Normal), (Ago.Of(question.AskedAt, session.Time.GetUtcNow()), Tone.Dim), (question.To ?? "anybody", Tone.Dim), (Readable.FirstLine(question.Text, 200), Tone.Strong));
        session.Printer.Write(table.Lines(session.Printer.Width, session.Printer.Glyphs.Ellipsis));
        return ExitCode.Ok;
    }
}
