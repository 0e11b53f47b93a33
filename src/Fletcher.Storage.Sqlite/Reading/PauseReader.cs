using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads which flows are paused.</summary>
internal static class PauseReader
{
    public static List<PausedFlow> List(Connection connection) => connection.Prepare(
        "SELECT f.name, p.at, p.actor, p.reason FROM paused_flows p JOIN flows f ON f.id = p.flow_id ORDER BY f.name")
        .QueryAll(static row => new PausedFlow(row.GetText(0)!, row.GetInstant(1), row.GetText(2)!, row.GetText(3)));
}
