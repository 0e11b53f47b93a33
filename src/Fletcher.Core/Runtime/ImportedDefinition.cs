using System.ComponentModel;
using System.Reflection;

namespace Fletcher.Runtime;

/// <summary>
/// Finds the definition of a flow or step that another assembly declares. That assembly's registry is preferred, since only
/// it knows the source; an assembly that was compiled without the generator has none.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ImportedDefinition
{
    /// <summary>The step with this id.</summary>
    /// <param name="declaringType">The type that declares it.</param>
    /// <param name="id">Its stable name.</param>
    /// <param name="fallback">Makes it from its attribute, when its assembly does not have it.</param>
    public static StepDefinition Step(Type declaringType, string id, Func<StepDefinition> fallback) =>
        Find(Registry(declaringType)?.Steps, id, fallback);

    /// <summary>The flow with this id.</summary>
    /// <param name="declaringType">The type that declares it.</param>
    /// <param name="id">Its stable name.</param>
    /// <param name="fallback">Makes it from its attribute, when its assembly does not have it.</param>
    public static FlowDefinition Flow(Type declaringType, string id, Func<FlowDefinition> fallback) =>
        Find(Registry(declaringType)?.Flows, id, fallback);

    private static T Find<T>(IReadOnlyList<T>? known, string id, Func<T> fallback) where T : Definition
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return known?.FirstOrDefault(definition => definition.Id == id) ?? fallback();
    }

    private static IRegistry? Registry(Type declaringType)
    {
        ArgumentNullException.ThrowIfNull(declaringType);
        return declaringType.Assembly.GetCustomAttribute<FletcherRegistryAttribute>() is { } attribute
            ? (IRegistry?)Activator.CreateInstance(attribute.Registry)
            : null;
    }
}
