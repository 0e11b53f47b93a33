using System.Text.Json;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Limits as JSON; durations in seconds.</summary>
internal static class LimitJson
{
    internal static void WriteLimit(this Utf8JsonWriter json, LimitRecord limit, IReadOnlyList<LimitLaneRecord> lanes)
    {
        json.WriteString("name", limit.Name);
        WriteSettings(json, "settings", limit.Settings);
        WriteVersion(json, "declared", limit.Declared);
        WriteVersion(json, "set", limit.Set);
        json.WriteList("lanes", lanes, lane =>
        {
            json.WriteString("key", lane.Key);
            json.WriteNumber("taken", lane.Taken);
            if (lane.Tokens is { } tokens)
                json.WriteNumber("tokens", tokens);
            else
                json.WriteNull("tokens");
            json.WriteTime("openUntil", lane.OpenUntil);
            json.WriteString("openReason", lane.OpenReason);
            json.WriteNumber("holderCount", lane.HolderCount);
            WritePlaces(json, "holders", lane.Holders);
            json.WriteNumber("waiterCount", lane.WaiterCount);
            WritePlaces(json, "waiters", lane.Waiters);
        });
    }

    private static void WriteVersion(Utf8JsonWriter json, string name, LimitVersion? given) => json.WriteObject(name, given, version =>
    {
        WriteSettings(json, "settings", version.Settings);
        json.WriteTime("at", version.At);
        json.WriteString("actor", version.Actor);
        json.WriteString("reason", version.Reason);
    });

    private static void WriteSettings(Utf8JsonWriter json, string name, LimitSettings settings)
    {
        json.WriteStartObject(name);
        if (settings.Slots is { } slots)
            json.WriteNumber("slots", slots);
        if (settings.Rate is { } rate)
        {
            json.WriteStartObject("rate");
            json.WriteNumber("count", rate.Count);
            json.WriteNumber("periodSeconds", rate.Period.TotalSeconds);
            json.WriteNumber("burst", rate.Burst);
            json.WriteEndObject();
        }

        if (settings.Breaker is { } breaker)
        {
            json.WriteStartObject("breaker");
            json.WriteNumber("failures", breaker.Failures);
            json.WriteNumber("windowSeconds", breaker.Window.TotalSeconds);
            json.WriteNumber("openForSeconds", breaker.OpenFor.TotalSeconds);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WritePlaces(Utf8JsonWriter json, string name, IReadOnlyList<LimitPlace> places) => json.WriteList(name, places, place =>
    {
        json.WriteString("run", place.RunId.ToString());
        json.WriteNumber("sequence", place.Sequence);
        json.WriteString("flow", place.Flow);
        json.WriteString("step", place.Step);
        json.WriteNumber("weight", place.Weight);
        json.WriteTime("askedAt", place.AskedAt);
        json.WriteTime("grantedAt", place.GrantedAt);
    });
}
