using Fletcher.Engine;
using Fletcher.Masking;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>Variables and secrets, seen and changed from outside.</summary>
public sealed partial class FletcherClient
{
    private const int Page = 500;

    private SecretVault Vault => _host?.Vault ?? (field ??= new SecretVault(_store, static () => SecretProtection.Find(null, null)));

    private ValueCodec Codec => _host?.Codec ?? new ValueCodec(_json, Vault);

    /// <summary>Sets a variable, for all who share the store. Runs whose flow has read it go on with the value that they have.</summary>
    /// <param name="name">Its name: 1 to 200 characters.</param>
    /// <param name="value">Its value; at most 64 KiB as JSON.</param>
    /// <param name="note">What it is for, or why it changes. Default: the note that it has.</param>
    /// <param name="expectedVersion">The version that it must have now; 0 when there must be none. Default: any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when it has another version than the expected one; then nothing has changed.</returns>
    /// <exception cref="FletcherUsageException">The name is not allowed, the value is too large or cannot be written as JSON, or the store keeps no variables.</exception>
    public Task<bool> SetVariableAsync<T>(string name, T value, string? note = null, long? expectedVersion = null, CancellationToken cancellationToken = default)
    {
        VariableNames.Check(VariableKind.Variable, name);
        return PutAsync(VariableKind.Variable, name, VariableJson.Write(name, value, _json), note, expectedVersion, cancellationToken);
    }

    /// <summary>Sets a variable to a value that is JSON already; see <see cref="SetVariableAsync{T}"/>.</summary>
    /// <inheritdoc cref="SetVariableAsync{T}"/>
    /// <param name="name">Its name: 1 to 200 characters.</param>
    /// <param name="json">Its value; at most 64 KiB.</param>
    /// <param name="note">What it is for, or why it changes. Default: the note that it has.</param>
    /// <param name="expectedVersion">The version that it must have now; 0 when there must be none. Default: any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<bool> SetVariableJsonAsync(string name, string json, string? note = null, long? expectedVersion = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(json);
        VariableNames.Check(VariableKind.Variable, name);
        return PutAsync(VariableKind.Variable, name, VariableJson.Parse(name, json), note, expectedVersion, cancellationToken);
    }

    /// <summary>The value of a variable as it is now.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">There is no such variable, it is not of this type, or the store keeps no variables.</exception>
    public async Task<T> GetVariableAsync<T>(string name, CancellationToken cancellationToken = default)
    {
        var record = await FindVariableAsync(name, cancellationToken).ConfigureAwait(false)
            ?? throw await VariableNames.MissingAsync(_store, VariableKind.Variable, name, cancellationToken).ConfigureAwait(false);
        return VariableJson.Read<T>(name, record.Json, _json);
    }

    /// <summary>A variable as it is kept, with its version and who set it; null when there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">The name is not allowed, or the store keeps no variables.</exception>
    public async Task<VariableRecord?> FindVariableAsync(string name, CancellationToken cancellationToken = default)
    {
        VariableNames.Check(VariableKind.Variable, name);
        var variables = await OpenVariablesAsync(cancellationToken).ConfigureAwait(false);
        return await variables.GetAsync(VariableKind.Variable, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All variables, by name.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">The store keeps no variables.</exception>
    public async Task<IReadOnlyList<VariableRecord>> GetVariablesAsync(CancellationToken cancellationToken = default) =>
        await ListAsync(VariableKind.Variable, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes a variable.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="FletcherUsageException">The name is not allowed, or the store keeps no variables.</exception>
    public Task<bool> DeleteVariableAsync(string name, CancellationToken cancellationToken = default) => DeleteAsync(VariableKind.Variable, name, cancellationToken);

    /// <summary>Encrypts a secret and sets it, for all who share the store. Steps that reveal it get the new text from then on; nothing runs again because of it.</summary>
    /// <param name="name">Its name: 1 to 200 characters.</param>
    /// <param name="text">The clear text: 4 characters to 64 KiB. It is masked in this process from then on.</param>
    /// <param name="note">What it is for, or why it changes; never a part of it. Default: the note that it has.</param>
    /// <param name="expectedVersion">The version that it must have now; 0 when there must be none. Default: any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when it has another version than the expected one; then nothing has changed.</returns>
    /// <exception cref="FletcherUsageException">The name is not allowed, the text is too short or too long, there are no keys and none can be made, or the store keeps no secrets.</exception>
    public Task<bool> SetSecretAsync(string name, string text, string? note = null, long? expectedVersion = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PutAsync(VariableKind.Secret, name, Vault.Protect(name, text), note, expectedVersion, cancellationToken);
    }

    /// <summary>All secrets, by name, without their texts.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">The store keeps no secrets.</exception>
    public async Task<IReadOnlyList<SecretInfo>> GetSecretsAsync(CancellationToken cancellationToken = default) =>
        [.. (await ListAsync(VariableKind.Secret, cancellationToken).ConfigureAwait(false)).Select(static record => new SecretInfo(record.Name, record.Version, record.ChangedAt, record.ChangedBy, record.Note))];

    /// <summary>Deletes a secret.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="FletcherUsageException">The name is not allowed, or the store keeps no secrets.</exception>
    public Task<bool> DeleteSecretAsync(string name, CancellationToken cancellationToken = default) => DeleteAsync(VariableKind.Secret, name, cancellationToken);

    private async Task<bool> PutAsync(VariableKind kind, string name, byte[] value, string? note, long? expected, CancellationToken cancellationToken)
    {
        var variables = await OpenVariablesAsync(cancellationToken).ConfigureAwait(false);
        return await variables.TryPutAsync(
            new VariableRecord
            {
                Kind = kind,
                Name = name,
                Value = value,
                ChangedAt = _time.GetUtcNow(),
                ChangedBy = Actor,
                Note = SecretMask.Mask(note) ?? (await variables.GetAsync(kind, name, cancellationToken).ConfigureAwait(false))?.Note,
            },
            expected,
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> DeleteAsync(VariableKind kind, string name, CancellationToken cancellationToken)
    {
        VariableNames.Check(kind, name);
        var variables = await OpenVariablesAsync(cancellationToken).ConfigureAwait(false);
        return await variables.TryDeleteAsync(kind, name, null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<VariableRecord>> ListAsync(VariableKind kind, CancellationToken cancellationToken)
    {
        var variables = await OpenVariablesAsync(cancellationToken).ConfigureAwait(false);
        List<VariableRecord> all = [];
        IReadOnlyList<VariableRecord> page;
        do
        {
            page = await variables.ListAsync(kind, all.Count == 0 ? null : all[^1].Name, Page, cancellationToken).ConfigureAwait(false);
            all.AddRange(page);
        }
        while (page.Count == Page);
        return all;
    }

    private async ValueTask<IVariableStore> OpenVariablesAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return SecretVault.Variables(_store);
    }
}
