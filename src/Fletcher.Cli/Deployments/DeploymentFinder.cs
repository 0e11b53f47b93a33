using Fletcher.Hosting;

namespace Fletcher.Cli;

/// <summary>Finds deployments.</summary>
internal static class DeploymentFinder
{
    private const int MostAtOnce = 1_000;

    internal static async Task<DeploymentStatus> FindDeploymentAsync(this Session session, string name) =>
        await session.Client.GetDeploymentAsync(name, session.CancellationToken).ConfigureAwait(false) ?? throw await MissingAsync(session, name).ConfigureAwait(false);

    /// <summary>All of them, page by page.</summary>
    internal static async Task<List<DeploymentStatus>> ReadDeploymentsAsync(this Session session)
    {
        List<DeploymentStatus> all = [];
        while (true)
        {
            var page = await session.Client.GetDeploymentsAsync(all.Count == 0 ? null : all[^1].Name, MostAtOnce, session.CancellationToken).ConfigureAwait(false);
            all.AddRange(page);
            if (page.Count < MostAtOnce)
                return all;
        }
    }

    private static async Task<CommandException> MissingAsync(Session session, string name)
    {
        var names = (await session.ReadDeploymentsAsync().ConfigureAwait(false)).ConvertAll(static one => one.Name);
        return new CommandException($"There is no deployment '{name}' in the store ({session.Store.Description}).{(names.Count == 0 ? " There is none yet." : Nearest.Suggest(name, names))}");
    }
}
