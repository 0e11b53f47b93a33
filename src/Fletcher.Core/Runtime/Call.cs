using System.ComponentModel;
using Fletcher.Engine;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Runtime;

/// <summary>
/// One call of a flow or step, with its arguments. Generated code derives a class for each method, so that the engine
/// needs no generic code for arguments.
/// </summary>
/// <param name="definition">The method.</param>
/// <param name="site">Where it is called.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class Call(Definition definition, CallSite site)
{
    /// <summary>The method.</summary>
    public Definition Definition { get; } = definition;

    /// <summary>Where it is called.</summary>
    public CallSite Site { get; } = site;

    /// <summary>The token that the caller gave; the run's own is linked to it. Default: none.</summary>
    protected internal virtual CancellationToken CallerToken => default;

    /// <summary>Adds the inputs in the order of the parameters. Default: there are none.</summary>
    protected internal virtual void WriteInputs(InputWriter inputs)
    {
    }

    /// <summary>The run's name from its template; null without one.</summary>
    protected internal virtual string? RenderName() => null;

    /// <summary>The name for people; a template that throws (a null in the middle of it) must not break what it names.</summary>
    internal string? Name()
    {
        try
        {
            return RenderName();
        }
        catch (Exception e)
        {
            return $"(its name throws {e.GetType().Name})";
        }
    }

    /// <summary>The step's <c>Key</c> from its template; null without one.</summary>
    protected internal virtual string? RenderKey() => null;

    /// <summary>The step's <c>Target</c> from its template; null without one.</summary>
    protected internal virtual string? RenderTarget() => null;

    /// <summary>The flow's <c>Once</c> from its template; null without one.</summary>
    protected internal virtual string? RenderOnce() => null;

    /// <summary>The <c>LimitKey</c> from its template; null without one.</summary>
    protected internal virtual string? RenderLimitKey() => null;

    /// <summary>What it was called with that is no input: its receiver, under the name <c>this</c>, and services. Null when there is nothing of this name.</summary>
    /// <param name="name">The parameter's name.</param>
    protected internal virtual object? Given(string name) => null;

    /// <summary>Whether it knows the arguments of the step that undoes it. False where the calling code cannot see that step.</summary>
    protected internal virtual bool WritesUndo => false;

    /// <summary>Goes on with a run of this call that the host has claimed.</summary>
    internal virtual Task ServeAsync(FletcherHost host, ClaimedRun claimed) =>
        throw new InvalidOperationException($"The call of '{Definition.Id}' has no type of result.");

    /// <summary>Makes the call, as the code does that it stands for.</summary>
    /// <returns>What it returned, as it is kept; null when it returns nothing.</returns>
    internal virtual Task<StoredValue?> CallAsync(FletcherHost host) =>
        throw new InvalidOperationException($"The call of '{Definition.Id}' has no type of result.");
}

/// <summary>A call that returns a <typeparamref name="TResult"/>.</summary>
/// <param name="definition">The method.</param>
/// <param name="site">Where it is called.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class Call<TResult>(Definition definition, CallSite site) : Call(definition, site)
{
    /// <summary>Calls the method. The engine may do so several times: an attempt each.</summary>
    /// <param name="cancellationToken">To be given to the method where it takes one.</param>
    protected internal abstract ValueTask<TResult> InvokeAsync(CancellationToken cancellationToken);

    /// <summary>Adds the arguments of the step that undoes this one. Default: there are none.</summary>
    /// <param name="arguments">Takes them.</param>
    /// <param name="result">What this call returned.</param>
    protected internal virtual void WriteUndo(InputWriter arguments, TResult result)
    {
    }

    internal sealed override Task ServeAsync(FletcherHost host, ClaimedRun claimed) => new FlowStarter<TResult>(host, this).ServeAsync(claimed);

    internal sealed override async Task<StoredValue?> CallAsync(FletcherHost host)
    {
        var result = await Dispatch.RunTask(this).ConfigureAwait(false);
        return typeof(TResult) == typeof(Nothing) ? null : host.Codec.Encode(result);
    }
}
