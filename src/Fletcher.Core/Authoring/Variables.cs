using System.Text.Json;
using Fletcher.Engine;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher;

/// <summary>
/// The variables of the host's store: named values that are changed without a deploy, with <c>fletcher variables set</c> or <see cref="FletcherClient.SetVariableAsync"/>. In a flow's own body a variable
/// has the same value in every execution of the run; in a step, and outside of flows, it is read anew each time.
/// </summary>
public static class Variables
{
    /// <summary>The value of a variable.</summary>
    /// <typeparam name="T">Its type; it must be possible to read it from the variable's JSON.</typeparam>
    /// <param name="name">Its name.</param>
    /// <exception cref="FletcherUsageException">There is no such variable, or it is not of this type.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read.</exception>
    public static T Get<T>(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Read<T>(name, Remembered(name, isRequired: true, CancellationToken.None)!);
    }

    /// <summary>The value of a variable, or this one when there is no such variable.</summary>
    /// <inheritdoc cref="Get{T}(string)"/>
    /// <param name="name">Its name.</param>
    /// <param name="defaultValue">The value when there is none.</param>
    public static T Get<T>(string name, T defaultValue)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Remembered(name, isRequired: false, CancellationToken.None) is { } json ? Read<T>(name, json) : defaultValue;
    }

    /// <inheritdoc cref="Get{T}(string)"/>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<T> GetAsync<T>(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Read<T>(name, (await RememberedAsync(name, isRequired: true, cancellationToken).ConfigureAwait(false))!);
    }

    /// <inheritdoc cref="Get{T}(string, T)"/>
    /// <param name="name">Its name.</param>
    /// <param name="defaultValue">The value when there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<T> GetAsync<T>(string name, T defaultValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return await RememberedAsync(name, isRequired: false, cancellationToken).ConfigureAwait(false) is { } json ? Read<T>(name, json) : defaultValue;
    }

    // The definition has the variable's name, so that variables which are read in another order are not taken for each other.
    private static StepDefinition Definition(string name) => new() { Id = $"Variables.Get {name}", ReadOnly = true };

    private static string? Remembered(string name, bool isRequired, CancellationToken cancellationToken) => Ambient.Current is Scope { Step: null }
        ? RememberedValue<string?>.Get(Definition(name), token => FindAsync(name, isRequired, token))
        : FindAsync(name, isRequired, cancellationToken).AsTask().GetAwaiter().GetResult();

    private static ValueTask<string?> RememberedAsync(string name, bool isRequired, CancellationToken cancellationToken) => Ambient.Current is Scope { Step: null } scope
        ? RememberedValue<string?>.GetAsync(scope, Definition(name), token => FindAsync(name, isRequired, token))
        : FindAsync(name, isRequired, cancellationToken);

    private static async ValueTask<string?> FindAsync(string name, bool isRequired, CancellationToken cancellationToken)
    {
        VariableNames.Check(VariableKind.Variable, name);
        var host = Flow.CurrentHost;
        await host.OpenForClientAsync(cancellationToken).ConfigureAwait(false);
        var record = await SecretVault.Variables(host.Store).GetAsync(VariableKind.Variable, name, cancellationToken).ConfigureAwait(false);
        if (record is null && isRequired)
            throw await VariableNames.MissingAsync(host.Store, VariableKind.Variable, name, cancellationToken).ConfigureAwait(false);
        return record?.Json;
    }

    private static T Read<T>(string name, string json) => VariableJson.Read<T>(name, json, Flow.CurrentHost.Codec.Options);
}
