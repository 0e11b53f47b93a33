using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace Fletcher.Runtime;

/// <summary>Put on an assembly by generated code: names the type that knows the assembly's flows and steps.</summary>
/// <param name="registry">A type with a parameterless constructor that implements <see cref="IRegistry"/>.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class FletcherRegistryAttribute(
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] Type registry) : Attribute
{
    /// <summary>The type.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)]
    public Type Registry { get; } = registry;
}

/// <summary>The flows and steps of an assembly. Implemented by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IRegistry
{
    /// <summary>The flows that the assembly declares.</summary>
    IReadOnlyList<FlowDefinition> Flows { get; }

    /// <summary>The steps that the assembly declares.</summary>
    IReadOnlyList<StepDefinition> Steps { get; }
}
