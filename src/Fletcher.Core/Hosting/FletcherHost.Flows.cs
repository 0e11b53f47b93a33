using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Fletcher.Hosting;

/// <summary>The flows that the host's program has, whether it takes runs of them or not.</summary>
public sealed partial class FletcherHost
{
    private FlowCatalog? _known;

    /// <summary>What is known of a flow; null when the program does not have it.</summary>
    internal FlowDefinition? FindFlow(string flow) => Known.Find(flow);

    private FlowCatalog Known => Catalog ?? LazyInitializer.EnsureInitialized(ref _known, () => new FlowCatalog(_options.FlowAssemblies));

    /// <summary>The parameters of a flow as a call with them would record them; null when the flow needs services that are not here.</summary>
    /// <exception cref="FletcherUsageException">They do not fit the flow.</exception>
    internal (byte[] Parameters, ContentHash Hash)? Record(FlowDefinition flow, byte[] parameters)
    {
        using var services = _options.Services?.CreateScope();
        try
        {
            var call = flow.Bind!(new StoredArguments(flow.Id, parameters, Codec, services?.ServiceProvider));
            var (hash, recorded) = InputRecorder.Record(call, default, 0, Codec, null);
            return (recorded ?? "{}"u8.ToArray(), hash);
        }
        catch (FletcherUsageException e) when (e.Id == "FLT1409")
        {
            return null;
        }
    }
}
