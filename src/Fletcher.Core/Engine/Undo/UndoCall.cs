using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Fletcher.Engine;

/// <summary>
/// The call of an undo from its stored arguments. It is bound anew for each attempt, with services of its own: the code that made the undone call may be long gone.
/// </summary>
internal sealed class UndoCall<T>(StepDefinition step, Func<FlowArguments, Call<T>> bind, StoredArguments arguments, FletcherHost host)
    : Call<T>(step, Nowhere)
{
    private static readonly CallSite Nowhere = new(0, "", 0);
    private readonly Call<T>? _shape = Look(bind, arguments);

    protected internal override void WriteInputs(InputWriter inputs) => _shape?.WriteInputs(inputs);

    protected internal override string? RenderName() => _shape?.RenderName();

    protected internal override string? RenderLimitKey() => _shape?.RenderLimitKey();

    protected internal override async ValueTask<T> InvokeAsync(CancellationToken cancellationToken)
    {
        if (host.CreateServices() is not { } services)
            return await bind(arguments).InvokeAsync(cancellationToken).ConfigureAwait(false);
        await using var disposed = services.ConfigureAwait(false);
        return await bind(arguments.With(services.ServiceProvider)).InvokeAsync(cancellationToken).ConfigureAwait(false);
    }

    // Arguments that do not fit the method (any more) are told by the attempt, as a failure of the undo.
    private static Call<T>? Look(Func<FlowArguments, Call<T>> bind, StoredArguments arguments)
    {
        try
        {
            return bind(arguments.ForShow());
        }
        catch (FletcherUsageException)
        {
            return null;
        }
    }
}

/// <summary>Stands for an undo while its arguments are written: they are those of the call that it undoes, and its result.</summary>
internal sealed class UndoInputs<T>(StepDefinition undo, Call<T> undone, T result) : Call<Nothing>(undo, undone.Site)
{
    protected internal override void WriteInputs(InputWriter inputs) => undone.WriteUndo(inputs, result);

    protected internal override ValueTask<Nothing> InvokeAsync(CancellationToken cancellationToken) =>
        throw new InvalidOperationException($"'{Definition.Id}' is not called yet.");
}
