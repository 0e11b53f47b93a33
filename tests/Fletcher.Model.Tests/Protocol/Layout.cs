namespace Fletcher.Model.Tests.Protocol;

/// <summary>Where in the bytes of a state the parts are. All sizes follow from the scenario.</summary>
internal sealed class Layout
{
    internal const int Budgets = 7;
    internal const int MessageSize = 2;
    internal const int RowSize = 9;
    internal const int StoredStepSize = 4;
    internal const int HostSize = 6;
    internal const int ExecutionSize = 9;
    internal const int StepSize = 2;
    internal const int RecordSize = 6;

    internal Layout(Scenario scenario, FlowProgram[] programs)
    {
        Hosts = scenario.Hosts;
        Runs = programs.Length;
        Steps = programs.Max(program => program.Count);
        Messages = scenario.Messages.Length + scenario.Resends;

        // Every record of a run, and as many of a lease that was lost and not refused yet.
        Records = Runs * 2 * ((2 * Steps) + 2);
        RunSize = RowSize + (Steps * StoredStepSize);
        HostBytes = HostSize + (Runs * (ExecutionSize + (Steps * StepSize))) + (Records * RecordSize);
    }

    internal int Hosts { get; }

    internal int Runs { get; }

    internal int Steps { get; }

    internal int Messages { get; }

    internal int Records { get; }

    internal int RunSize { get; }

    internal int HostBytes { get; }

    internal int Size => HostAt(Hosts);

    internal static int MessageAt(int number) => Budgets + ((number - 1) * MessageSize);

    internal int RunAt(int run) => MessageAt(Messages + 1) + (run * RunSize);

    internal int HostAt(int host) => RunAt(Runs) + (host * HostBytes);

    internal int ExecutionAt(int host, int run) => HostAt(host) + HostSize + (run * (ExecutionSize + (Steps * StepSize)));

    internal int RecordAt(int host, int index) => ExecutionAt(host, Runs) + (index * RecordSize);
}
