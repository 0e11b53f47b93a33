namespace Fletcher.Hosting.Tests;

/// <summary>Flows that read variables and reveal secrets.</summary>
internal static class Keeper
{
    private static readonly AsyncLocal<string?> Trouble = new();

    /// <summary>What the steps do for the calling test: fail when it says so.</summary>
    internal static string? Fails
    {
        get => Trouble.Value;
        set => Trouble.Value = value;
    }

    [Flow(OnRerun = OnRerun.Resume)]
    internal static async Task<string> Reads(string name)
    {
        var before = Variables.Get<int>(name);
        var missing = await Variables.GetAsync($"{name}-missing", "default");
        return $"{before} {missing} {await InStep(name)}";
    }

    [Step]
    internal static Task<int> InStep(string name) =>
        Fails is { } why ? throw new InvalidOperationException(why) : Task.FromResult(Variables.Get<int>(name));

    [Flow]
    internal static async Task<string> Missing(string name) => await Variables.GetAsync<string>(name);

    [Flow(OnRerun = OnRerun.Resume)]
    internal static async Task<bool> Passes(Secret secret)
    {
        var first = await LengthOf(secret);
        var text = await TextOf(secret);
        if (Fails is { } why)
            throw new InvalidOperationException($"{why} {text}");
        return first == text.Length && text == secret.Reveal() && await Same(text, secret) && await Inner(text) == $"[{text}]";
    }

    [Step]
    internal static Task<int> LengthOf(Secret secret) => Task.FromResult(secret.Reveal().Length);

    [Step]
    internal static Task<string> TextOf(Secret secret) => Task.FromResult(secret.Reveal());

    [Step(Name = "compares {text}")]
    internal static Task<bool> Same(string text, Secret secret) => Task.FromResult(text == secret.Reveal());

    [Flow]
    internal static async Task<string> Inner(string text)
    {
        await Task.Yield();
        return $"[{text}]";
    }
}
