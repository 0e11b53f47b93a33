using System.Reflection;
using Fletcher.Runtime;

namespace Fletcher.Hosting;

/// <summary>The flows that a program has, by name, from the registries that the generator puts on assemblies.</summary>
internal sealed class FlowCatalog
{
    private readonly Dictionary<string, FlowDefinition> _flows = [];

    /// <summary>Reads the registries of these assemblies; of the entry assembly and what it refers to when there are none.</summary>
    internal FlowCatalog(IEnumerable<Assembly> assemblies)
    {
        var given = assemblies.ToList();
        foreach (var assembly in given.Count > 0 ? given : [.. Program()])
        {
            if (assembly.GetCustomAttribute<FletcherRegistryAttribute>() is not { } attribute)
                continue;
            var registry = (IRegistry)Activator.CreateInstance(attribute.Registry)!;
            foreach (var flow in registry.Flows)
                _flows.TryAdd(flow.Id, flow);
        }
    }

    /// <summary>The names of those that can be called by name.</summary>
    internal IReadOnlyList<string> Names => [.. _flows.Values.Where(flow => flow.Bind is not null).Select(flow => flow.Id).Order(StringComparer.Ordinal)];

    internal FlowDefinition? Find(string flow) => _flows.GetValueOrDefault(flow);

    private static HashSet<Assembly> Program()
    {
        HashSet<Assembly> found = [];
        if (Assembly.GetEntryAssembly() is { } entry)
            Visit(entry, found);
        return found;
    }

    private static void Visit(Assembly assembly, HashSet<Assembly> found)
    {
        if (!found.Add(assembly))
            return;

        // Only what knows Fletcher can have flows; the rest of the program need not be loaded for the look.
        foreach (var reference in assembly.GetReferencedAssemblies())
        {
            if (reference.Name is not { } name || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal))
                continue;
            try
            {
                Visit(Assembly.Load(reference), found);
            }
            catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
            {
                // It is not deployed, so nothing of it can run.
            }
        }
    }
}
