using System.Reflection;
using Fletcher.Runtime;

namespace Fletcher.Hosting;

/// <summary>The flows and steps that a program has, by name, from the registries that the generator puts on assemblies.</summary>
internal sealed class FlowCatalog
{
    private readonly Dictionary<string, FlowDefinition> _flows = [];
    private readonly Dictionary<string, StepDefinition> _steps = [];

    /// <summary>Reads the registries of these assemblies; of the entry assembly and what it refers to when there are none.</summary>
    internal FlowCatalog(IEnumerable<Assembly> assemblies)
    {
        var given = assemblies.ToList();
        Read(given.Count > 0 ? given : Program());
    }

    private FlowCatalog(Assembly root)
    {
        HashSet<Assembly> found = [];
        Visit(root, found);
        Read(found);
    }

    /// <summary>Reads the registries of an assembly and of what it refers to.</summary>
    internal static FlowCatalog Around(Assembly root) => new(root);

    private void Read(IEnumerable<Assembly> assemblies)
    {
        foreach (var assembly in assemblies)
        {
            if (assembly.GetCustomAttribute<FletcherRegistryAttribute>() is not { } attribute)
                continue;
            var registry = (IRegistry)Activator.CreateInstance(attribute.Registry)!;
            foreach (var flow in registry.Flows)
                _flows.TryAdd(flow.Id, flow);
            foreach (var step in registry.Steps)
                _steps.TryAdd(step.Id, step);
        }
    }

    /// <summary>The names of those that can be called by name.</summary>
    internal IReadOnlyList<string> Names => [.. _flows.Values.Where(flow => flow.Bind is not null).Select(flow => flow.Id).Order(StringComparer.Ordinal)];

    internal IReadOnlyCollection<FlowDefinition> Flows => _flows.Values;

    internal FlowDefinition? Find(string flow) => _flows.GetValueOrDefault(flow);

    internal StepDefinition? FindStep(string step) => _steps.GetValueOrDefault(step);

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
