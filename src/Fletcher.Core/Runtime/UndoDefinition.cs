using System.ComponentModel;
using Fletcher.Engine;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Runtime;

/// <summary>How a step is undone. Made by generated code.</summary>
/// <param name="step">The definition of the step that undoes it.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class UndoDefinition(Func<StepDefinition> step)
{
    /// <summary>The step that undoes it.</summary>
    internal StepDefinition Step => field ??= step();

    /// <summary>Whether the undo is given what only the undone call has, if that is still at hand: its receiver, or a service.</summary>
    public bool UsesCall { get; init; }

    /// <summary>The step run that undoes, ready to be executed.</summary>
    internal abstract StepExecution Create(Scope scope, StepRunRecord pending, StoredArguments arguments, UndoLog log);
}

/// <summary>How a step is undone by a method that returns a <typeparamref name="TResult"/>.</summary>
/// <param name="step">The definition of the step that undoes it.</param>
/// <param name="bind">Makes the call of the undo from its arguments.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class UndoDefinition<TResult>(Func<StepDefinition> step, Func<FlowArguments, Call<TResult>> bind) : UndoDefinition(step)
{
    internal override StepExecution Create(Scope scope, StepRunRecord pending, StoredArguments arguments, UndoLog log) =>
        new UndoStep<TResult>(scope, new UndoCall<TResult>(Step, bind, arguments, scope.Run.Host), pending, log);
}
