using System.ComponentModel;

namespace Fletcher.Runtime;

/// <summary>Takes the inputs of a call, in the order of its parameters. Used by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class InputWriter
{
    /// <summary>Adds an input.</summary>
    /// <param name="name">The parameter's name; <c>this</c> for a receiver that is data.</param>
    /// <param name="value">The argument.</param>
    /// <exception cref="FletcherUsageException">The value cannot be written as JSON; the message names the type and the member.</exception>
    public abstract void Add<T>(string name, T value);
}
