using Microsoft.Extensions.Time.Testing;

namespace Fletcher.Testing;

/// <summary>
/// The clock of a test's host. It stands still while code runs. While all that runs does is to wait (for the next attempt of a step
/// or a flow, or in a wait of the flow's own), it moves to the next timer at once: a wait of days takes milliseconds.
/// </summary>
/// <remarks>
/// <para>It never moves by itself while the code of a step runs, so a step's time limit never passes by itself. Move the clock with
/// <see cref="FakeTimeProvider.Advance"/> to let it pass, or inject the time-out with <see cref="FlowTestHost.TimeOut"/>.</para>
/// <para>A flow's or step's body that waits for steps counts as waiting. Give this clock to code of your own that takes a
/// <see cref="TimeProvider"/>: it then shows the same time. But what such code waits for is not skipped; only waits of the engine are.</para>
/// </remarks>
public sealed class FlowTestTime : FakeTimeProvider
{
    private bool _skipsWaits = true;

    internal FlowTestTime(DateTimeOffset start)
        : base(start)
    {
    }

    /// <summary>Whether waits are skipped. Default true. When false, time passes only as the test says.</summary>
    public bool SkipsWaits
    {
        get => Volatile.Read(ref _skipsWaits);
        set
        {
            Volatile.Write(ref _skipsWaits, value);
            Changed?.Invoke();
        }
    }

    /// <summary>Told when waits may be skipped from now on.</summary>
    internal Action? Changed { get; set; }
}
