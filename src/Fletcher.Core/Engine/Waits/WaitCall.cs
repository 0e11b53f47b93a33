using System.IO.Hashing;
using System.Runtime.InteropServices;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>Stands for a wait in a flow's body: it has no code, only what it is recognised by.</summary>
internal sealed class WaitCall<T>(StepDefinition definition, string member, string file, int line, Action<InputWriter> inputs)
    : Call<T>(definition, new CallSite(XxHash3.HashToUInt64(MemoryMarshal.AsBytes<char>($"{member}\n{definition.Id}")), file, line))
{
    protected internal override void WriteInputs(InputWriter writer) => inputs(writer);

    protected internal override ValueTask<T> InvokeAsync(CancellationToken cancellationToken) =>
        throw new InvalidOperationException($"'{Definition.Id}' has no code.");
}
