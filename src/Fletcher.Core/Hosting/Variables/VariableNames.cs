using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>What is wrong with names of variables and secrets.</summary>
internal static class VariableNames
{
    // What is misspelt is looked for among so many.
    private const int MostLooked = 1000;

    internal static void Check(VariableKind kind, string name)
    {
        if (VariableRecord.FindMistake(name) is { } mistake)
            throw new FletcherUsageException("FLT1801", $"'{name}' cannot be the name of a {Word(kind)}: {mistake}. A name has 1 to {VariableRecord.LongestName} characters, no control characters, and no white space at its ends.");
    }

    internal static string Word(VariableKind kind) => kind == VariableKind.Secret ? "secret" : "variable";

    /// <summary>The error for one that is not there, with the name that was probably meant.</summary>
    internal static async ValueTask<FletcherUsageException> MissingAsync(IRunStore store, VariableKind kind, string name, CancellationToken cancellationToken)
    {
        var (id, command) = kind == VariableKind.Secret ? ("FLT1811", $"fletcher secrets set {name}") : ("FLT1802", $"fletcher variables set {name} VALUE");
        var hint = $"Set it: {command}";
        var other = kind == VariableKind.Secret ? VariableKind.Variable : VariableKind.Secret;
        var names = (await store.Variables!.ListAsync(kind, null, MostLooked, cancellationToken).ConfigureAwait(false)).Select(static record => record.Name);
        if (await store.Variables.GetAsync(other, name, cancellationToken).ConfigureAwait(false) is not null)
            hint = other == VariableKind.Secret ? $"There is a secret of that name: read it with Secrets.Get(\"{name}\")." : $"There is a variable of that name: read it with Variables.Get<T>(\"{name}\").";
        else if (SimilarName.Find(name, names) is { } near)
            hint = $"Did you mean '{near}'? If not, set it: {command}";
        return new FletcherUsageException(id, $"There is no {Word(kind)} '{name}' in the store ({store.Description}). {hint}");
    }
}
