using System.ComponentModel;

namespace Fletcher.Runtime;

/// <summary>The arguments of a flow that is started by name. Used by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class FlowArguments
{
    /// <summary>The argument with this name.</summary>
    /// <exception cref="FletcherUsageException">It is missing, or not of this type; the message names it and says what was expected.</exception>
    public abstract T Get<T>(string name);

    /// <summary>The argument with this name, or the parameter's default value when there is none.</summary>
    /// <exception cref="FletcherUsageException">It is not of this type.</exception>
    public abstract T GetOr<T>(string name, T defaultValue);

    /// <summary>A service: the class that declares the flow, or a parameter that is no input.</summary>
    /// <exception cref="FletcherUsageException">The host has no such service.</exception>
    public abstract T Service<T>() where T : notnull;

    /// <summary>A service; when the call that is undone was given one under this name, that one.</summary>
    /// <param name="name">The parameter's name; <c>this</c> for the receiver.</param>
    /// <exception cref="FletcherUsageException">The host has no such service.</exception>
    public abstract T Service<T>(string name) where T : notnull;

    /// <summary>Cancelled when the run is to stop.</summary>
    public abstract CancellationToken CancellationToken { get; }
}
