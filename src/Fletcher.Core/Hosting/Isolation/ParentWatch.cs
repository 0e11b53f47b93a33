namespace Fletcher.Hosting;

/// <summary>
/// Notices that the process which started this one wants it to stop, or is gone: its end of our standard input is closed. The kernel does that for a process that is killed, so nobody is left to run on
/// unwatched.
/// </summary>
internal static class ParentWatch
{
    /// <summary>Begins to watch. From here the program's own code reads an empty standard input.</summary>
    /// <returns>Completes with why this process is to stop.</returns>
    internal static Task<string> Start()
    {
        var stop = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var input = new StreamReader(Console.OpenStandardInput());
        Console.SetIn(TextReader.Null);

        // A thread, as reading blocks, and the thread pool may be busy with the flow.
        var thread = new Thread(() =>
        {
            string? reason = null;
            try
            {
                reason = input.ReadLine();
            }
            catch (IOException)
            {
                // As if it were closed.
            }

            stop.TrySetResult(reason ?? "the process that started its own for it is gone");
        })
        { IsBackground = true, Name = "Fletcher parent watch" };
        thread.Start();
        return stop.Task;
    }
}
