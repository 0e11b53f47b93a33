using Fletcher.Engine.Tests;
using Fletcher.Model;

namespace Fletcher.Hosting.Tests;

/// <summary>Variables, as flows and clients see them.</summary>
public sealed class VariableTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_variable_is_set_read_listed_and_deleted()
    {
        await using var host = TestHost.InMemory();
        var client = host.Host.Client.As("ada");

        Assert.True(await client.SetVariableAsync("limit", new { Amount = 5, To = "x" }, "why", 0, Cancellation));
        Assert.True(await client.SetVariableJsonAsync("a", " [1, 2] ", cancellationToken: Cancellation));
        Assert.True(await client.SetVariableAsync("limit", 7, expectedVersion: 1, cancellationToken: Cancellation));
        Assert.False(await client.SetVariableAsync("limit", 8, expectedVersion: 1, cancellationToken: Cancellation));

        Assert.Equal(7, await client.GetVariableAsync<int>("limit", Cancellation));
        var all = await client.GetVariablesAsync(Cancellation);
        Assert.Equal([("a", "[1,2]", 1, null), ("limit", "7", 2, "why")], all.Select(one => (one.Name, one.Json, one.Version, one.Note)));
        Assert.Equal("ada", all[0].ChangedBy);
        Assert.True(await client.DeleteVariableAsync("a", Cancellation));
        Assert.False(await client.DeleteVariableAsync("a", Cancellation));
        Assert.Null(await client.FindVariableAsync("a", Cancellation));
    }

    [Fact]
    public async Task More_variables_than_a_page_are_listed()
    {
        await using var host = TestHost.InMemory();
        for (var i = 0; i < 1001; i++)
            await host.Host.Client.SetVariableAsync($"v{i:d4}", i, cancellationToken: Cancellation);

        Assert.Equal(Enumerable.Range(0, 1001), (await host.Host.Client.GetVariablesAsync(Cancellation)).Select(one => int.Parse(one.Json, null)));
    }

    [Fact]
    public async Task A_flow_sees_in_each_execution_what_it_saw_and_a_step_what_is_there_now()
    {
        var store = new SurvivingStore();
        await using (var host = new TestHost(store))
        {
            await host.Host.Client.SetVariableAsync("rate", 1, cancellationToken: Cancellation);
            Keeper.Fails = "not yet";
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.Run(() => Keeper.Reads("rate")));
        }

        Keeper.Fails = null;
        await using var again = new TestHost(store.Reopen());
        await again.Host.Client.SetVariableAsync("rate", 2, cancellationToken: Cancellation);
        await again.Host.Client.SetVariableAsync("rate-missing", "found", cancellationToken: Cancellation);

        Assert.Equal("1 default 2", await again.Run(() => Keeper.Reads("rate")));
        Assert.Equal(2, again.Host.Run(() => Variables.Get<int>("rate")));
        Assert.Equal("found", again.Host.Run(() => Variables.Get("rate-missing", "default")));
    }

    [Fact]
    public async Task A_variable_that_is_not_there_or_of_another_type_is_told_with_what_to_do()
    {
        await using var host = TestHost.InMemory();
        await host.Host.Client.SetVariableAsync("invoice-limit", "much", cancellationToken: Cancellation);

        var missing = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Keeper.Missing("invoice-limt")));
        Assert.Equal("FLT1802", missing.Id);
        Assert.Contains("Did you mean 'invoice-limit'?", missing.Message, StringComparison.Ordinal);
        Assert.Contains("fletcher variables set invoice-limt VALUE", missing.Message, StringComparison.Ordinal);
        var type = Assert.Throws<FletcherUsageException>(() => host.Host.Run(() => Variables.Get<int>("invoice-limit")));
        Assert.Equal("FLT1803", type.Id);
        Assert.Contains("is \"much\", which cannot be read as 'Int32'", type.Message, StringComparison.Ordinal);
        var other = Assert.Throws<FletcherUsageException>(() => host.Host.Run(() => Secrets.Get("invoice-limit").Reveal()));
        Assert.Equal("FLT1811", other.Id);
        Assert.Contains("Variables.Get<T>(\"invoice-limit\")", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_kept_is_refused_with_the_reason()
    {
        await using var host = TestHost.InMemory();
        var client = host.Host.Client;

        async Task RefusedAsync(string id, string fragment, Func<Task> set)
        {
            var error = await Assert.ThrowsAsync<FletcherUsageException>(set);
            Assert.Equal(id, error.Id);
            Assert.Contains(fragment, error.Message, StringComparison.Ordinal);
        }

        await RefusedAsync("FLT1801", "it is empty", () => client.SetVariableAsync("", 1, cancellationToken: Cancellation));
        await RefusedAsync("FLT1801", "it has 201 characters", () => client.SetVariableAsync(new string('x', 201), 1, cancellationToken: Cancellation));
        await RefusedAsync("FLT1801", "control character", () => client.SetSecretAsync("a\nb", "text", cancellationToken: Cancellation));
        await RefusedAsync("FLT1805", "65536 are allowed", () => client.SetVariableAsync("v", new string('x', 65536), cancellationToken: Cancellation));
        await RefusedAsync("FLT1806", "is no JSON", () => client.SetVariableJsonAsync("v", "{", cancellationToken: Cancellation));
        await RefusedAsync("FLT1813", "has 3 characters", () => client.SetSecretAsync("s", "abc", cancellationToken: Cancellation));
        await RefusedAsync("FLT1813", "65537 bytes", () => client.SetSecretAsync("s", new string('x', 65537), cancellationToken: Cancellation));
        await RefusedAsync("FLT1814", "Reference the package Fletcher", () => client.SetSecretAsync("s", "long enough", cancellationToken: Cancellation));
        Assert.Empty(await client.GetVariablesAsync(Cancellation));
        Assert.Throws<InvalidOperationException>(() => new VariableRecord { Kind = VariableKind.Secret, Name = "s", Value = default, ChangedAt = default, ChangedBy = "a" }.Json);
    }
}
