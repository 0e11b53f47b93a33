using Fletcher.Conformance;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>What is allocated is counted for the whole process, so nothing may run beside this.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;

[Collection("alone")]
public sealed class LargeValueMemoryTests : SqliteTest
{
    [Fact]
    public async Task A_value_of_200_MB_is_kept_without_a_copy_and_read_with_one()
    {
        await using var store = await OpenAsync();
        var content = new byte[200 * 1024 * 1024];
        for (var i = 0; i < content.Length; i += 4096)
            content[i] = (byte)(i / 4096);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var step = A.StepRun(A.RunId(), 1) with { Result = A.Value(content) };
        await WriteAsync(store, step);
        var value = Assert.Single(await StepRunsAsync(store, step.RunId)).Result!;
        var written = GC.GetTotalAllocatedBytes(precise: true) - before;
        var read = await store.ReadValueAsync(value, Cancellation);
        var all = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.True(read.Span.SequenceEqual(content));
        Assert.InRange(written, 0, content.Length / 2);
        Assert.InRange(all, content.Length, content.Length + (content.Length / 2));
    }
}
