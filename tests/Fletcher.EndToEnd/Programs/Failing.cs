using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Fletcher.EndToEnd.Programs;

internal static class Failing
{
    [Flow]
    public static async Task BeforeFirstStep(int amount)
    {
        if (amount == 0)
            throw new InvalidOperationException("There is nothing to bill.");
        await Ordinary.Hello("never");
    }

    [Flow(OnRerun = OnRerun.Resume)]
    public static async Task Strangely([NotInput] bool isWell)
    {
        await First();
        await Second(isWell);
        Console.WriteLine("well");
    }

    [Step]
    private static Task First()
    {
        Console.WriteLine("first step ran");
        return Task.CompletedTask;
    }

    [Step]
    private static Task Second([NotInput] bool isWell) => isWell ? Task.CompletedTask : throw new StrangeException();

    /// <summary>An exception that nothing can be asked of but its type and message.</summary>
    [SuppressMessage("Design", "CA1064", Justification = "The stranger the better.")]
    [SuppressMessage("Design", "CA1032", Justification = "The stranger the better.")]
    private sealed class StrangeException : Exception
    {
        private readonly Thread _thread = Thread.CurrentThread;

        public StrangeException()
            : base("strange") => HResult = -1;

        public StrangeException Self => this;

        public Thread Thread => _thread;

        public IntPtr Pointer => 1;

        public override IDictionary Data => throw new NotSupportedException("no data");

        public override string? StackTrace => throw new NotSupportedException("no stack trace");

        public override string? Source
        {
            get => throw new NotSupportedException("no source");
            set => throw new NotSupportedException("no source");
        }

        public override string ToString() => throw new NotSupportedException("no text");
    }
}
