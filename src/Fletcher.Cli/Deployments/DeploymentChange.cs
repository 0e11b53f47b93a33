using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Says that a deployment was changed, and how it is now.</summary>
internal static class DeploymentChange
{
    /// <summary>Tells what was done.</summary>
    /// <param name="session">The session.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="action">What was asked for, as JSON names it: <c>pause</c>.</param>
    /// <param name="hasChanged">Whether it changed anything.</param>
    /// <param name="said">The same as a sentence without a full stop.</param>
    internal static async Task<int> SayAsync(Session session, string name, string action, bool hasChanged, string said)
    {
        var deployment = await session.Client.GetDeploymentAsync(name, session.CancellationToken).ConfigureAwait(false);
        if (session.Printer.IsJson)
        {
            session.Printer.WriteJson(json =>
            {
                json.WriteString("name", name);
                json.WriteString("action", action);
                json.WriteBoolean("changed", hasChanged);
                json.WriteObject("deployment", deployment, json.WriteDeployment);
            });
            return ExitCode.Ok;
        }

        session.Printer.Write($"{said}.");
        if (deployment is null)
            return ExitCode.Ok;
        session.Printer.Write(deployment.Differences.Select(static difference => new StyledLine(2).Add(difference)));
        session.Printer.Write(new StyledLine(2).Add(deployment.Reason, Tone.Dim));
        return ExitCode.Ok;
    }
}
