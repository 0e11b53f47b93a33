using System.Runtime.CompilerServices;
using Fletcher.Engine;

namespace Fletcher;

/// <summary>
/// Makes steps of code that cannot be annotated: <c>await Step.Run("charge", () => gateway.Charge(id), key: id)</c>. They are
/// the same as methods marked with <see cref="StepAttribute"/>; outside a flow the code is just called.
/// </summary>
/// <remarks>
/// The engine cannot see what a lambda captures. Give everything that decides what it does as <c>key</c>; without a key, calls
/// with the same name are told apart by their order only.
/// </remarks>
public static class Step
{
    /// <summary>Runs code as a step.</summary>
    /// <param name="name">The step's stable name.</param>
    /// <param name="body">The code; each attempt calls it again. Its token is cancelled when the run is to stop or the time is up.</param>
    /// <param name="key">What decides what the code does: any value that can be written as JSON.</param>
    /// <param name="options">Retries, time limits and the like; default none.</param>
    /// <param name="member">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static Task<T> Run<T>(
        string name, Func<CancellationToken, Task<T>> body, object? key = null, StepOptions? options = null,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return LambdaStep.RunTask(name, token => new ValueTask<T>(body(token)), key, options, member, file, line);
    }

    /// <inheritdoc cref="Run{T}(string,Func{CancellationToken,Task{T}},object?,StepOptions?,string,string,int)"/>
    public static Task<T> Run<T>(
        string name, Func<Task<T>> body, object? key = null, StepOptions? options = null,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return LambdaStep.RunTask(name, _ => new ValueTask<T>(body()), key, options, member, file, line);
    }

    /// <inheritdoc cref="Run{T}(string,Func{CancellationToken,Task{T}},object?,StepOptions?,string,string,int)"/>
    public static Task Run(
        string name, Func<CancellationToken, Task> body, object? key = null, StepOptions? options = null,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return LambdaStep.RunTask(name, token => LambdaStep.NothingAsync(body(token)), key, options, member, file, line);
    }

    /// <inheritdoc cref="Run{T}(string,Func{CancellationToken,Task{T}},object?,StepOptions?,string,string,int)"/>
    public static Task Run(
        string name, Func<Task> body, object? key = null, StepOptions? options = null,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return LambdaStep.RunTask(name, _ => LambdaStep.NothingAsync(body()), key, options, member, file, line);
    }

    /// <inheritdoc cref="Run{T}(string,Func{CancellationToken,Task{T}},object?,StepOptions?,string,string,int)"/>
    public static T Run<T>(
        string name, Func<T> body, object? key = null, StepOptions? options = null,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return LambdaStep.Run(name, _ => new ValueTask<T>(body()), key, options, member, file, line);
    }

    /// <inheritdoc cref="Run{T}(string,Func{CancellationToken,Task{T}},object?,StepOptions?,string,string,int)"/>
    public static void Run(
        string name, Action body, object? key = null, StepOptions? options = null,
        [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        LambdaStep.Run(
            name,
            _ =>
            {
                body();
                return new ValueTask<Nothing>(default(Nothing));
            },
            key, options, member, file, line);
    }
}
