using System.Runtime.CompilerServices;

namespace Fletcher.Engine.Tests;

/// <summary>Bounds every wait of a test in real time, so that a hang is a failure that says where.</summary>
internal static class Limits
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    internal static async Task WithinLimit(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.WaitAsync(Longest, CancellationToken.None);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"'{what}' did not come to an end within {Longest.TotalSeconds} s; it is {task.Status}.");
        }
    }

    internal static async Task<T> WithinLimit<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await ((Task)task).WithinLimit(what);
        return await task;
    }
}
