using System.Text;
using System.Text.Json;
using Fletcher.Engine.Tests;
using Fletcher.Model;

namespace Fletcher.Hosting.Tests;

/// <summary>Secrets, as flows and clients see them. That nothing of them leaves is tested with whole processes (Fletcher.EndToEnd).</summary>
public sealed class SecretTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static TestHost Host(FakeProtector protector, SurvivingStore? store = null) => new(store ?? new SurvivingStore(), null, options => options.SecretProtector = protector);

    [Fact]
    public async Task A_secret_is_listed_without_its_text_and_kept_encrypted()
    {
        await using var host = Host(new FakeProtector());
        await host.Host.Client.As("ada").SetSecretAsync("smtp", "hunter2-and-more", "the server's, hunter2-and-more", cancellationToken: Cancellation);

        var listed = Assert.Single(await host.Host.Client.GetSecretsAsync(Cancellation));

        Assert.Equal(("smtp", 1, "ada", "the server's, ***"), (listed.Name, listed.Version, listed.ChangedBy, listed.Note));
        var kept = (await host.Store.Variables!.GetAsync(VariableKind.Secret, "smtp", Cancellation))!;
        Assert.DoesNotContain("hunter2", Encoding.UTF8.GetString(kept.Value.Span), StringComparison.Ordinal);
        Assert.Equal("hunter2-and-more", host.Host.Run(() => Secrets.Get("smtp").Reveal()));
        Assert.True(await host.Host.Client.DeleteSecretAsync("smtp", Cancellation));
        Assert.Throws<FletcherUsageException>(() => host.Host.Run(() => Secrets.Get("smtp").Reveal()));
    }

    [Fact]
    public async Task A_secret_is_decrypted_once_until_it_changes()
    {
        var protector = new FakeProtector();
        await using var host = Host(protector);
        await host.Host.Client.SetSecretAsync("turning", "first-text", cancellationToken: Cancellation);
        var secret = Secrets.Get("turning");

        Assert.Equal("first-text", host.Host.Run(secret.Reveal));
        Assert.Equal("first-text", host.Host.Run(secret.Reveal));
        Assert.Equal(1, protector.Uses);
        await host.Host.Client.DeleteSecretAsync("turning", Cancellation);
        await host.Host.Client.SetSecretAsync("turning", "second-text", cancellationToken: Cancellation);
        Assert.Equal("second-text", host.Host.Run(secret.Reveal));
    }

    [Fact]
    public async Task A_secret_that_changes_runs_no_step_again_and_what_has_its_text_comes_back_as_it_was()
    {
        var (store, protector) = (new SurvivingStore(), new FakeProtector());
        await using (var host = Host(protector, store))
        {
            await host.Host.Client.SetSecretAsync("k", "resumed-secret", cancellationToken: Cancellation);
            Keeper.Fails = "fell over";
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.Run(() => Keeper.Passes(Secrets.Get("k"))));
            Assert.Equal("fell over ***", (await host.OnlyRun()).Error!.Message);
        }

        Keeper.Fails = null;
        await using var again = Host(protector, store.Reopen());
        await again.Host.Client.SetSecretAsync("k", "resumed-secret", cancellationToken: Cancellation);

        Assert.True(await again.Run(() => Keeper.Passes(Secrets.Get("k"))));

        var runs = await again.Store.GetFlowRunsAsync(new Storage.FlowRunQuery(), Cancellation);
        Assert.Equal(2, runs.Count);
        var outer = runs.Single(run => run.Flow.EndsWith("Passes", StringComparison.Ordinal));
        Assert.Equal("""{"secret":{"$secret":"k"}}""", Encoding.UTF8.GetString(outer.Parameters));
        var steps = await again.Steps(outer.Id);
        Assert.Equal(1, steps.Single(step => step.Step.Name.EndsWith("TextOf", StringComparison.Ordinal)).Attempt);
        Assert.Equal(ValueFormat.Protected, steps.Single(step => step.Step.Name.EndsWith("TextOf", StringComparison.Ordinal)).Result!.Format);
        var named = steps.Single(step => step.Step.Name.EndsWith("Same", StringComparison.Ordinal));
        Assert.Equal(("compares ***", """{"text":"***","secret":{"$secret":"k"}}"""), (named.Name, Encoding.UTF8.GetString(named.Inputs!)));
        var inner = runs.Single(run => run.Flow.EndsWith("Inner", StringComparison.Ordinal));
        Assert.StartsWith("""{"text":{"$protected":""", Encoding.UTF8.GetString(inner.Parameters), StringComparison.Ordinal);
        Assert.Equal(ValueFormat.Protected, inner.Result!.Format);
    }

    [Fact]
    public async Task A_flow_is_started_by_name_with_the_name_of_a_secret_and_never_with_its_text()
    {
        var (store, protector) = (new SurvivingStore(), new FakeProtector());
        await using var host = new TestHost(store, null, options =>
        {
            options.SecretProtector = protector;
            options.TakesRuns = true;
            options.Flows.Add("*Keeper.*");
            options.FlowAssemblies.Add(typeof(Keeper).Assembly);
        });
        await host.Host.StartAsync(Cancellation);
        await host.Host.Client.SetSecretAsync("by-name", "started-secret", cancellationToken: Cancellation);
        var flow = host.Host.Identity.Flows.Single(name => name.EndsWith("Keeper.Passes", StringComparison.Ordinal));

        var started = await host.Host.Client.StartAsync(flow, new { secret = Secrets.Get("by-name") }, cancellationToken: Cancellation);
        Assert.True(await host.Host.Client.WaitAsync<bool>(started.Run, Cancellation).WithinLimit("the run"));

        var refused = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Host.Client.StartAsync(flow, new { secret = "clear-text-of-it" }, cancellationToken: Cancellation));
        Assert.Contains("'secret' must be a secret by its name", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("clear-text-of-it", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_shows_nothing_and_is_its_name_in_json()
    {
        var secret = Secrets.Get("smtp");

        Assert.Equal("***", secret.ToString());
        Assert.Equal("***", $"{secret}");
        Assert.Equal("""{"$secret":"smtp"}""", JsonSerializer.Serialize(secret));
        Assert.Equal(secret, JsonSerializer.Deserialize<Secret>("""{"$secret":"smtp"}"""));
        Assert.NotEqual(secret, Secrets.Get("SMTP"));
        foreach (var wrong in (string[])["\"smtp\"", "{}", """{"$secret":7}""", """{"$secret":""}""", """{"$secret":"a","b":1}""", """{"b":1}"""])
            Assert.Contains("by its name, never by its text", Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Secret>(wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_whose_key_is_gone_says_which_and_what_to_do()
    {
        var store = new SurvivingStore();
        await using (var host = Host(new FakeProtector(), store))
            await host.Host.Client.As("ada").SetSecretAsync("lost", "lost-secret", cancellationToken: Cancellation);
        await using var other = Host(new FakeProtector(), store.Reopen());

        var error = Assert.Throws<FletcherUsageException>(() => other.Host.Run(() => Secrets.Get("lost").Reveal()));

        Assert.Equal("FLT1812", error.Id);
        Assert.Contains("The secret 'lost' (version 1, set by ada", error.Message, StringComparison.Ordinal);
        Assert.Contains("FLETCHER_KEYS", error.Message, StringComparison.Ordinal);
    }
}
