using System.Runtime.InteropServices;
using Xunit;

namespace Fletcher.Tests.Signals;

public sealed class SignalHandlersTests
{
    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    public void Every_handler_of_a_signal_is_counted(PosixSignal signal)
    {
        using var first = PosixSignalRegistration.Create(signal, _ => { });
        var before = SignalHandlers.Count(signal);

        using var second = PosixSignalRegistration.Create(signal, _ => { });

        Assert.Equal(before + 1, SignalHandlers.Count(signal));
    }
}
