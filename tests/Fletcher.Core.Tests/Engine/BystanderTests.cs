using Fletcher.Diagnosis;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine.Tests;

/// <summary>What stands beside a run (names, observers, rules) tells about it and never breaks it.</summary>
public sealed class BystanderTests
{
    [Fact]
    public async Task A_name_that_throws_and_an_observer_that_throws_do_not_replace_the_error_of_a_step()
    {
        await using var host = new TestHost(new SurvivingStore(), null, o => o.Observers.Add(new Thrower()));

        var error = await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Order()));

        Assert.Equal("no ship", error.Message);
        var step = Assert.Single(await host.Steps());
        Assert.Equal("(its name throws NotSupportedException)", step.Name);
        Assert.Equal(StepRunState.Failed, step.State);
    }

    [Fact]
    public async Task A_rule_of_the_program_says_which_class_a_failure_is_of()
    {
        await using var host = new TestHost(new SurvivingStore(), null, o => o.FailureRules.Add(new ShipRule()));

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Order()));

        Assert.Equal(FailureClass.Configuration, (await host.OnlyRun()).Error!.Class);
    }

    internal static class Work
    {
        [Flow]
        internal static async Task Order() => await Ship(new Parcel());

        [Step(Name = "ship {parcel.Label}")]
        internal static Task Ship([NotInput] Parcel parcel) => throw new IOException("no ship");
    }

    internal sealed class Parcel
    {
        public string Label => throw new NotSupportedException();
    }

    private sealed class ShipRule : IFailureRule
    {
        public FailureClass? Classify(Exception exception) => exception is IOException ? FailureClass.Configuration : null;
    }

    private sealed class Thrower : IRunObserver
    {
        public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow) => throw new InvalidOperationException();

        public void StepRunChanged(FlowRunRecord run, StepRunRecord step) => throw new InvalidOperationException();

        public void LogWritten(LogLine line) => throw new InvalidOperationException();

        public void ArtifactWritten(ArtifactRecord artifact) => throw new InvalidOperationException();
    }
}
