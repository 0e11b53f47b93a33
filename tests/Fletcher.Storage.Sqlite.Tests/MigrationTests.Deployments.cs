using Fletcher.Model;
using Fletcher.Scheduling;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>What a store with deployments holds.</summary>
public sealed partial class MigrationTests
{
    /// <summary>The version of the schema that brought deployments.</summary>
    private const int DeploymentsVersion = 6;

    private static DeploymentRecord Deployed => new()
    {
        Name = "große Rechnung",
        Declared = new DeploymentVersion(
            new DeploymentSettings
            {
                Flow = "Billing.InvoiceMonth",
                Parameters = """{"customer":"it's"}""",
                Schedule = new DeploymentSchedule { Text = "0 6 1 * *", Zone = "Europe/Berlin", End = At, ExcludedDays = [new DateOnly(2026, 12, 24)], Jitter = TimeSpan.FromMinutes(5) },
                CatchUp = CatchUpPolicy.All,
                Overlap = OverlapPolicy.Queue,
                Labels = ["gpu"],
            },
            At, "code", "1.0", true),
        Set = new DeploymentOverride(new DeploymentChanges { Queue = "slow", CatchUpWindow = TimeSpan.FromDays(3) }, At, "ada", "why"),
        Paused = new DeploymentPause(At, "ada", null),
        Version = 1,
        HandledAt = At,
        NextAt = At.AddDays(1),
        Open = [Run],
        Waiting = [At],
        Backfill = new DeploymentBackfill([At], 2, [Run], "ada"),
        Last = new DeploymentFiring(At, Run, At),
        Note = new DeploymentNote(At, "left out", At, false),
    };

    private static async Task WriteSampleOfDeploymentsAsync(SqliteStore store) =>
        Assert.NotNull(await store.Deployments.TryWriteAsync([new DeploymentWrite(Deployed.Name, 0, Deployed)], [], Cancellation));

    private static async Task AssertSampleOfDeploymentsAsync(SqliteStore store)
    {
        var found = Assert.Single(await store.Deployments.GetDueAsync(At.AddDays(1), 9, Cancellation));
        Assert.Equivalent(Deployed, found, strict: true);
        Assert.NotNull(await store.Deployments.TryWriteAsync([DeploymentWrite.Of(found)], [], Cancellation));
    }
}
