using Fletcher.Model;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>What a store with variables holds.</summary>
public sealed partial class MigrationTests
{
    /// <summary>The version of the schema that brought variables.</summary>
    private const int VariablesVersion = 7;

    private static VariableRecord Kept => new()
    {
        Kind = VariableKind.Variable,
        Name = "größte Rechnung",
        Value = """{"amount":17.5}"""u8.ToArray(),
        Version = 1,
        ChangedAt = At,
        ChangedBy = "ada",
        Note = "it's new",
    };

    private static async Task WriteSampleOfVariablesAsync(SqliteStore store)
    {
        Assert.True(await store.Variables.TryPutAsync(Kept, 0, Cancellation));
        Assert.True(await store.Variables.TryPutAsync(Kept with { Kind = VariableKind.Secret, Value = new byte[] { 9, 0, 255 }, Note = null }, 0, Cancellation));
    }

    private static async Task AssertSampleOfVariablesAsync(SqliteStore store)
    {
        var variable = Assert.Single(await store.Variables.ListAsync(VariableKind.Variable, null, 9, Cancellation));
        Assert.Equal(Kept with { Value = variable.Value }, variable);
        Assert.Equal(Kept.Value.ToArray(), variable.Value.ToArray());
        var secret = (await store.Variables.GetAsync(VariableKind.Secret, Kept.Name, Cancellation))!;
        Assert.Equal(new byte[] { 9, 0, 255 }, secret.Value.ToArray());
        Assert.True(await store.Variables.TryPutAsync(secret, 1, Cancellation));
    }
}
