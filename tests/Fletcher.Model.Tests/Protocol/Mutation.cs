namespace Fletcher.Model.Tests.Protocol;

/// <summary>Protocols that are wrong in one place. Each proves that the explorer and a property can see what they are for.</summary>
internal enum Mutation
{
    None,

    /// <summary>The store writes whatever it is given.</summary>
    CommitDoesNotLookAtFences,

    /// <summary>A declaration of death leaves the fence as it is; only the next claim lets it grow.</summary>
    DeathDoesNotGrowTheFence,

    /// <summary>An at-most-once step begins while its Running record is still pending.</summary>
    StartIsNotWaitedFor,

    /// <summary>After a crash an at-most-once step with a Running record runs again.</summary>
    RunningStepRunsAgain,

    /// <summary>The transaction that parks a run does not look whether a message has come.</summary>
    ParkDoesNotLookAtMessages,

    /// <summary>The record that parks a run says it has seen what the host has read and not yet given to it.</summary>
    ParkHasSeenWhatWasOnlyRead,

    /// <summary>A wait's end and the mark on its message are two records.</summary>
    TakenMarkComesLater,

    /// <summary>A claim is a pending record like any other.</summary>
    ClaimGoesThroughTheWriter,

    /// <summary>A host that knows that its lease is lost goes on.</summary>
    LostLeaseIsIgnored,

    /// <summary>Who waits for a record of a lost lease is told that it is committed.</summary>
    LostRecordCountsAsCommitted,

    /// <summary>The writer commits the newest record first.</summary>
    WriterReorders,

    /// <summary>A claim compares the fence, and does not look whether the run is still open.</summary>
    ClaimComparesTheFenceOnly,

    /// <summary>A declaration of death compares the fence, and does not look whether a host still holds the run.</summary>
    DeathComparesTheFenceOnly,

    /// <summary>A claimer reads the run's messages before its inbox knows that it has the run.</summary>
    MessagesAreReadBeforeTheInboxKnowsTheRun,

    /// <summary>What the inbox has given before the claimer's reading is kept beside what the claimer reads.</summary>
    ClaimerAddsToWhatTheInboxGave,

    /// <summary>The inbox gives a run a message that the claimer has read before.</summary>
    InboxGivesTwice,

    /// <summary>A claimer keeps which messages it has read, and not how far: the inbox gives it what its predecessor took.</summary>
    ClaimerKnowsOnlyWhatNobodyTook,

    /// <summary>A batch keeps one lease for each run, the newest, and not one for each record.</summary>
    BatchKnowsOneLeaseForEachRun,

    /// <summary>Messages get their numbers before their transactions, as from a sequence of PostgreSQL.</summary>
    NumbersAreNotInOrderOfCommit,

    /// <summary>A message that is sent again is a new one.</summary>
    KeysAreForgotten,

    /// <summary>A run goes on while the record that parks it is pending.</summary>
    RunsOnWhileParking,

    /// <summary>Nobody looks for runs that a living host holds without knowing.</summary>
    OrphansAreNotAdopted,

    /// <summary>A run that is claimed straight from a dead host is not counted as a death.</summary>
    ClaimFromTheDeadIsNotCounted,

    /// <summary>A claimer reads the messages after those that the parked run has seen, and not all that nobody took.</summary>
    ClaimerReadsNewMessagesOnly,
}
