using Fletcher.Engine;

namespace Fletcher;

public static partial class Flow
{
    /// <summary>
    /// Does something and returns how it ended instead of throwing. A failure that is returned so counts as handled. When the run
    /// itself is to stop, the cancellation is thrown as ever.
    /// </summary>
    /// <param name="work">The work, usually a call of a step.</param>
    public static async Task<Outcome<T>> Try<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return Outcome<T>.Success(await work().ConfigureAwait(false));
        }
        catch (Exception e) when (!MustStop(e))
        {
            return Outcome<T>.From(e);
        }
    }

    /// <inheritdoc cref="Try{T}(Func{Task{T}})"/>
    public static Task<Outcome<Nothing>> Try(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Try(async () =>
        {
            await work().ConfigureAwait(false);
            return default(Nothing);
        });
    }

    /// <inheritdoc cref="Try{T}(Func{Task{T}})"/>
    public static Outcome<T> Try<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return Outcome<T>.Success(work());
        }
        catch (Exception e) when (!MustStop(e))
        {
            return Outcome<T>.From(e);
        }
    }

    /// <inheritdoc cref="Try{T}(Func{Task{T}})"/>
    public static Outcome<Nothing> Try(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Try(() =>
        {
            work();
            return default(Nothing);
        });
    }

    /// <summary>Whether a failure is not one of the work itself, so that nobody may go on after it.</summary>
    internal static bool MustStop(Exception error) => error is RunLostException or StoreUnavailableException
        || (error is OperationCanceledException && Ambient.Current is Scope scope && scope.Token.IsCancellationRequested);
}
