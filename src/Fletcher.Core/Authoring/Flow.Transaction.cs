using System.Runtime.CompilerServices;
using Fletcher.Engine;
using Fletcher.Runtime;

namespace Fletcher;

public static partial class Flow
{
    /// <summary>
    /// Does something wholly or not at all: when it fails or the run is cancelled, the steps in it that have an <see cref="StepAttribute.Undo"/> are undone, the last one
    /// first, before this throws. When it has returned nothing undoes its steps any more, unless it stands in another transaction.
    /// </summary>
    /// <param name="work">The work. Its steps are awaited, whether it awaits them or not.</param>
    /// <param name="member">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>
    /// A failure is remembered: an execution that continues the run after a crash or a wait is told it again without executing the work. A retry executes the work
    /// again. Outside a flow the work is done and nothing else: nothing is undone.
    /// </returns>
    /// <exception cref="TransactionFailedException">The work failed, and its steps were undone. The inner exception is what it failed with.</exception>
    /// <exception cref="UndoFailedException">The work failed, and a step could not be undone.</exception>
    /// <exception cref="OperationCanceledException">The run is to stop; the steps were undone.</exception>
    public static Task Transaction(
        Func<Task> work, [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Ambient.Current is Scope { IsUndoing: false } scope
            ? Dispatch.RunTask(new TransactionStep(scope, TransactionStep.CallFrom(member, file, line), member, work) { HasTask = true })
            : work();
    }

    /// <inheritdoc cref="Transaction(Func{Task}, string, string, int)"/>
    public static async Task<T> Transaction<T>(
        Func<Task<T>> work, [CallerMemberName] string member = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(work);
        var result = default(T)!;
        await Transaction(async () => { result = await work().ConfigureAwait(false); }, member, file, line).ConfigureAwait(false);
        return result;
    }
}
