using Fletcher.Model.Tests.Exploring;
using Fletcher.Model.Tests.Protocol;

namespace Fletcher.Model.Tests.Scenarios;

/// <summary>For each mutation the trouble that shows it, and the property that must break.</summary>
internal static class Mutants
{
    internal static (Scenario Scenario, string Property) Of(Mutation mutation)
    {
        var (scenario, property) = Known(mutation);
        return (scenario with { Mutation = mutation }, property);
    }

    private static (Scenario Scenario, string Property) Known(Mutation mutation) => mutation switch
    {
        Mutation.CommitDoesNotLookAtFences => (new("E") { WrongDeaths = 1 }, Properties.OnlyTheHolderWrites),
        Mutation.DeathDoesNotGrowTheFence => (new("E") { WrongDeaths = 1 }, Properties.NothingStartsUnheld),
        Mutation.StartIsNotWaitedFor => (new("O") { Crashes = 1 }, Properties.OutputCommit),
        Mutation.RunningStepRunsAgain => (new("O") { Crashes = 1 }, Properties.AtMostOnce),
        Mutation.ParkDoesNotLookAtMessages => (new("Wa") { Messages = ["0a"] }, Properties.NoLostWakeUp),
        Mutation.ParkHasSeenWhatWasOnlyRead => (new("Wa") { Messages = ["0!"] }, Properties.NoLostWakeUp),
        Mutation.TakenMarkComesLater => (new("Wa") { Messages = ["0a"] }, Properties.OneSignalOneWait),
        Mutation.ClaimGoesThroughTheWriter => (new("E") { Crashes = 1, Hosts = 3 }, Properties.OneHolder),
        Mutation.LostLeaseIsIgnored => (new("E") { WrongDeaths = 1 }, Properties.NothingStartsOnceLost),
        Mutation.LostRecordCountsAsCommitted => (new("E E") { WrongDeaths = 1 }, Properties.OutputCommit),
        Mutation.WriterReorders => (new("R R"), Properties.SameResults),
        Mutation.ClaimComparesTheFenceOnly => (new("E") { WrongDeaths = 1, StaleLooks = true }, Properties.EndsAreFinal),
        Mutation.DeathComparesTheFenceOnly => (new("E") { WrongDeaths = 1, StaleLooks = true }, Properties.EndsAreFinal),
        Mutation.MessagesAreReadBeforeTheInboxKnowsTheRun => (new("Wa") { Messages = ["0a"], Crashes = 1 }, Properties.NoLostWakeUp),
        Mutation.ClaimerAddsToWhatTheInboxGave => (new("Wa Ta") { Messages = ["0a"], WrongDeaths = 1, TimedParks = 0 }, Properties.OneSignalOneWait),
        Mutation.InboxGivesTwice => (new("Wa Ta") { Messages = ["0a"], HandOvers = 1, TimedParks = 0 }, Properties.OneSignalOneWait),
        Mutation.ClaimerKnowsOnlyWhatNobodyTook => (new("Wa Ta") { Messages = ["0a"], HandOvers = 1, TimedParks = 0 }, Properties.OneSignalOneWait),
        Mutation.BatchKnowsOneLeaseForEachRun => (new("E") { WrongDeaths = 1 }, Properties.OnlyTheHolderWrites),
        Mutation.NumbersAreNotInOrderOfCommit => (new("Wa") { Messages = ["0a", "0b"] }, Properties.NoLostWakeUp),
        Mutation.KeysAreForgotten => (new("Wa Ta") { Messages = ["0a"], Resends = 1 }, Properties.OneSignalOneWait),
        Mutation.RunsOnWhileParking => (new("Wa") { Messages = ["0a"] }, Properties.NothingStartsUnheld),
        Mutation.OrphansAreNotAdopted => (new("E") { Crashes = 1, Doubts = 1 }, Explorer.Deadlock),
        Mutation.ClaimFromTheDeadIsNotCounted => (new("E") { Crashes = 1 }, Properties.DeathsAreCounted),
        Mutation.ClaimerReadsNewMessagesOnly => (new("Wb Wa") { Messages = ["0a", "0b"] }, Properties.NoLostWakeUp),
        _ => throw new ArgumentOutOfRangeException(nameof(mutation), mutation, "It has no scenario that shows it."),
    };
}
