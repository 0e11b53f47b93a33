using System.Text;
using System.Text.Json;
using Fletcher.Diagnosis;
using Fletcher.Hosting;
using Fletcher.Runtime;

namespace Fletcher;

/// <summary>The flow that a plain program is to run instead of its own statements: <c>fletcher run billing.cs Billing.InvoiceMonth -p month=2026-10-01</c>.</summary>
/// <param name="Program">The program, as it was named.</param>
/// <param name="Store">The store, as it was named; null when it was not.</param>
/// <param name="Flow">The flow's stable name.</param>
/// <param name="Parameters">All parameters as a JSON object; null when they are given one by one.</param>
/// <param name="Given">The parameters one by one, <c>name=value</c>; only the program knows which are texts.</param>
internal sealed record AskedFlow(string Program, string? Store, string Flow, string? Parameters, IReadOnlyList<string> Given)
{
    /// <summary>The environment variable that says it; beside it the startup hook must be asked for.</summary>
    internal const string Variable = "FLETCHER_RUN_FLOW";

    /// <summary>What this process was asked for; null when nothing was.</summary>
    internal static AskedFlow? Current => AppContext.GetData(Variable) is string text ? Parse(text) : null;

    /// <summary>What this process is asked for, out of the environment: the programs that it starts are not asked for it.</summary>
    /// <exception cref="FletcherUsageException">The variable has something else.</exception>
    internal static AskedFlow? Take()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
            return null;
        Environment.SetEnvironmentVariable(Variable, null);
        IsolatedRun.ForgetHook();
        var asked = Parse(text) ?? throw new FletcherUsageException("FLT1434", $"{Variable} is '{text}'. Only 'fletcher run' sets it, for the program that it starts. Unset it.");
        AppContext.SetData(Variable, text);
        return asked;
    }

    /// <summary>The call, ready to be made.</summary>
    /// <exception cref="FletcherUsageException">The program has no such flow, or the parameters do not fit it.</exception>
    internal Call Prepare(FletcherHost host)
    {
        if (host.FindFlow(Flow) is not { Bind: { } bind } flow)
            throw new FletcherUsageException("FLT1516", $"The program '{Program}' has no flow '{Flow}' that can be called by name.{Others(host)}");
        var json = Parameters ?? GivenParameters.ToObject(GivenParameters.Parse(Given, flow.ParameterSchema, static why => new FletcherUsageException("FLT1517", why)));
        var minimal = GivenValue.OfJson(json).ToJson(host.Codec.Options, $"parameters of flow '{Flow}'");
        StartParameters.Check(new KnownFlow(Flow, flow.ParameterSchema, flow.Tags, flow), minimal, host.Codec);
        return bind(new StoredArguments($"flow '{Flow}'", minimal, host.Codec, null));
    }

    public override string ToString()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("program", Program);
            json.WriteString("store", Store);
            json.WriteString("flow", Flow);
            json.WriteString("parameters", Parameters);
            json.WriteStartArray("given");
            foreach (var one in Given)
                json.WriteStringValue(one);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    internal static AskedFlow? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return new AskedFlow(
                root.GetProperty("program").GetString()!, root.GetProperty("store").GetString(), root.GetProperty("flow").GetString()!,
                root.GetProperty("parameters").GetString(),
                [.. root.GetProperty("given").EnumerateArray().Select(static one => one.GetString()!)]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private string Others(FletcherHost host)
    {
        const int most = 20;
        var names = host.FlowNames;
        if (names.Count == 0)
            return " It has none.";
        var near = SimilarName.Find(Flow, names) is { } similar ? $" Did you mean '{similar}'?" : "";
        return $"{near} It has: {string.Join(", ", names.Take(most))}{(names.Count > most ? $" and {names.Count - most} more" : "")}.";
    }
}
