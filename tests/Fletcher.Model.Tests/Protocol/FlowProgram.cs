namespace Fletcher.Model.Tests.Protocol;

/// <summary>
/// A flow: stages one after the other, each of one step or of several in parallel. Written as a line: <c>E O|R Wa</c> is an
/// at-least-once step, then an at-most-once step beside a read-only one, then a wait for the signal 'a'. <c>Ta</c> is a wait with
/// a time limit, <c>S</c> a sleep.
/// </summary>
internal sealed class FlowProgram
{
    internal const byte TimedOut = 99;

    private readonly (StepKind Kind, int Stage, char Signal)[] _steps;

    internal FlowProgram(string text)
    {
        Text = text;
        _steps =
        [
            .. text.Split(' ').SelectMany((stage, number) => stage.Split('|').Select(step => (KindOf(step[0]), number, step[^1]))),
        ];
    }

    internal string Text { get; }

    internal int Count => _steps.Length;

    internal StepKind Kind(int step) => _steps[step].Kind;

    internal int Stage(int step) => _steps[step].Stage;

    internal char Signal(int step) => _steps[step].Signal;

    internal bool IsWait(int step) => Kind(step) is StepKind.Wait or StepKind.WaitUntil or StepKind.Sleep;

    internal bool TakesSignal(int step, char signal) =>
        Kind(step) is StepKind.Wait or StepKind.WaitUntil && Signal(step) == signal;

    /// <summary>The result of a step depends on all that it saw, so that a wrong one shows in those that follow.</summary>
    internal byte ValueOf(int step, Func<int, byte> valueOf)
    {
        var value = 7 * (step + 1);
        for (var i = 0; i < Count; i++)
        {
            if (Stage(i) < Stage(step))
                value += 3 * valueOf(i);
        }

        return (byte)(1 + (value % 90));
    }

    private static StepKind KindOf(char letter) => letter switch
    {
        'E' => StepKind.AtLeastOnce,
        'O' => StepKind.AtMostOnce,
        'R' => StepKind.ReadOnly,
        'W' => StepKind.Wait,
        'T' => StepKind.WaitUntil,
        'S' => StepKind.Sleep,
        _ => throw new ArgumentOutOfRangeException(nameof(letter), letter, "No such kind of step."),
    };
}
