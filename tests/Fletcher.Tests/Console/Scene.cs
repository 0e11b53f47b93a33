using System.Text;
using Fletcher.Core.Tests.Diagnosis;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Terminal;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Fletcher.Tests.Terminal;

/// <summary>An observer over text and a clock that stands still, and an engine that tells it things.</summary>
internal sealed class Scene : IDisposable
{
    private readonly StringWriter _text = new();
    private readonly FlowDefinition _flow;
    private int _sequence;
    private int _runs;

    internal Scene(ConsoleMode mode = ConsoleMode.Plain, bool isUnicode = true, int width = 100, int height = 24, FlowPlan? plan = null)
    {
        Time = new FakeTimeProvider(new DateTimeOffset(2026, 10, 1, 8, 0, 0, TimeSpan.Zero));
        Time.SetLocalTimeZone(TimeZoneInfo.Utc);
        _flow = new FlowDefinition { Id = "Billing.Month", Plan = plan is null ? null : () => plan };
        Size = (width, height);
        Observer = new ConsoleObserver(
            Store, Time, [], new ConsoleOptions { Mode = mode },
            new ConsoleTarget(_text, isUnicode, () => Size, AnsiSupport.Yes));
        Run = NewRun();
    }

    internal FakeRunStore Store { get; } = new();

    internal FakeTimeProvider Time { get; }

    internal (int Width, int Height) Size { get; set; }

    internal ConsoleObserver Observer { get; }

    internal FlowRunRecord Run { get; set; }

    /// <summary>What was written; run ids are replaced, as they differ from time to time.</summary>
    internal string Text
    {
        get
        {
            lock (_text)
                return _text.ToString().Replace(Run.Id.ToString(), "RUN", StringComparison.Ordinal);
        }
    }

    internal StringWriter Raw => _text;

    internal FlowRunRecord NewRun(string? name = null, FlowRunRecord? parent = null, int parentSequence = 0)
    {
        var id = new RunId(new Guid(0x01990000 + ++_runs, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1));
        return new FlowRunRecord
        {
            Id = id,
            Flow = _flow.Id,
            Name = name,
            RootRunId = parent?.RootRunId ?? id,
            ParentRunId = parent?.Id,
            ParentSequence = parentSequence,
            Parameters = """{"month":"2026-10"}"""u8.ToArray(),
            ParametersHash = default,
            State = FlowRunState.Running,
            CreatedAt = Time.GetUtcNow(),
            StartedAt = Time.GetUtcNow(),
        };
    }

    internal void Tell(FlowRunRecord run) => Observer.FlowRunChanged(run, _flow);

    internal void Start() => Tell(Run);

    internal void End(FlowRunState state = FlowRunState.Completed, ErrorRecord? error = null)
    {
        Run = Run with { State = state, EndedAt = Time.GetUtcNow(), Error = error };
        Store.Runs.Add(Run);
        Tell(Run);
    }

    internal StepRunRecord Begin(string step, string? name = null, int parent = 0, string? inputs = null, RunId? child = null)
    {
        var record = new StepRunRecord
        {
            RunId = Run.Id,
            Sequence = ++_sequence,
            Key = default,
            Step = new StepCode(step, null, null, 0),
            Name = name,
            ParentSequence = parent,
            ChildRunId = child,
            State = StepRunState.Running,
            Attempt = 1,
            StartedAt = Time.GetUtcNow(),
            Inputs = inputs is null ? null : Encoding.UTF8.GetBytes(inputs),
        };
        Observer.StepRunChanged(Run, record);
        return record;
    }

    internal StepRunRecord End(StepRunRecord step, StepRunState state = StepRunState.Completed, ErrorRecord? error = null, string? reason = null)
    {
        step = step with { State = state, EndedAt = Time.GetUtcNow(), Error = error, Reason = reason };
        Observer.StepRunChanged(Run, step);
        Store.Steps.Add(step);
        return step;
    }

    /// <summary>A step that begins and ends, with its time between.</summary>
    internal StepRunRecord Do(string step, int milliseconds = 0, StepRunState state = StepRunState.Completed, int parent = 0)
    {
        var begun = Begin(step, parent: parent);
        Pass(milliseconds);
        return End(begun, state);
    }

    internal void Pass(int milliseconds) => Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    internal static ErrorRecord Error(string message = "503 (Service Unavailable)", string type = "System.Net.Http.HttpRequestException") =>
        new() { Type = type, Message = message };

    public void Dispose() => Observer.Dispose();
}
