using System.CommandLine;
using Fletcher.Hosting;

namespace Fletcher.Cli;

/// <summary>Parameters of the command line.</summary>
internal static class ParameterText
{
    /// <summary>Names, and values as JSON.</summary>
    internal static IReadOnlyList<(string Name, string Json)> Parse(IReadOnlyList<string> texts, string? schema) =>
        GivenParameters.Parse(texts, schema, static why => new CommandException(why, ExitCode.Usage));

    /// <summary>The parameters as one JSON object, from the options for each one and for all; null when neither is given.</summary>
    /// <param name="session">The session.</param>
    /// <param name="flow">The flow, whose schema says which are texts.</param>
    /// <param name="one">The option for each one.</param>
    /// <param name="all">The option for all; null for none.</param>
    internal static async Task<string?> ReadAsync(Session session, string flow, Option<string[]> one, Option<string>? all)
    {
        var some = session.GetMany(one);
        if (all is not null && session.Get(all) is { } json)
            return some.Count == 0 ? json : throw new CommandException("--param and --parameters are both given. Give one of them.", ExitCode.Usage);
        if (some.Count == 0)
            return null;
        var schema = (await session.Store.GetFlowAsync(flow, session.CancellationToken).ConfigureAwait(false))?.ParameterSchema;
        return GivenParameters.ToObject(Parse(some, schema));
    }
}
