using System.Text;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Variables and secrets: kept by kind and name, and changed over any version or only over the one that was read.</summary>
public abstract partial class RunStoreConformance
{
    private IVariableStore Variables => Store.Variables!;

    private static VariableRecord Variable(string name = "v", string value = "1", VariableKind kind = VariableKind.Variable) => new()
    {
        Kind = kind,
        Name = name,
        Value = Encoding.UTF8.GetBytes(value),
        ChangedAt = Now,
        ChangedBy = "ada",
    };

    private async Task<VariableRecord?> VariableAsync(string name = "v", VariableKind kind = VariableKind.Variable) => await Variables.GetAsync(kind, name, Cancellation);

    private static (string Name, long Version, string Value) Seen(VariableRecord? record) => (record!.Name, record.Version, Encoding.UTF8.GetString(record.Value.Span));

    [Fact]
    public async Task A_variable_is_kept_as_it_is()
    {
        var record = Variable("große Zahl 😀", "{\"a\":\"ü\\u0000\"}") with { Note = "it's\0new" };

        Assert.True(await Variables.TryPutAsync(record, null, Cancellation));

        var found = await VariableAsync(record.Name);
        Assert.Equal(record with { Version = 1, Value = found!.Value }, found);
        Assert.Equal(record.Value.ToArray(), found.Value.ToArray());
        Assert.Null(await VariableAsync("grosse Zahl"));
        Assert.Null(await VariableAsync(record.Name, VariableKind.Secret));
    }

    [Fact]
    public async Task A_secret_may_have_any_bytes_and_the_name_of_a_variable()
    {
        byte[] bytes = [0, 255, 0, 128, 7];
        Assert.True(await Variables.TryPutAsync(Variable(), 0, Cancellation));
        Assert.True(await Variables.TryPutAsync(Variable(kind: VariableKind.Secret) with { Value = bytes }, 0, Cancellation));
        Assert.True(await Variables.TryPutAsync(Variable("empty", "", VariableKind.Secret), 0, Cancellation));

        Assert.Equal(bytes, (await VariableAsync(kind: VariableKind.Secret))!.Value.ToArray());
        Assert.Equal(("v", 1, "1"), Seen(await VariableAsync()));
        Assert.Empty((await VariableAsync("empty", VariableKind.Secret))!.Value.ToArray());

        Assert.True(await Variables.TryDeleteAsync(VariableKind.Variable, "v", null, Cancellation));
        Assert.NotNull(await VariableAsync(kind: VariableKind.Secret));
    }

    [Fact]
    public async Task A_variable_is_written_over_any_version_or_only_over_the_expected_one()
    {
        Assert.False(await Variables.TryPutAsync(Variable(), 1, Cancellation));
        Assert.Null(await VariableAsync());
        Assert.True(await Variables.TryPutAsync(Variable(), 0, Cancellation));
        Assert.False(await Variables.TryPutAsync(Variable(value: "2"), 0, Cancellation));
        Assert.False(await Variables.TryPutAsync(Variable(value: "2"), 2, Cancellation));
        Assert.Equal(("v", 1, "1"), Seen(await VariableAsync()));
        Assert.True(await Variables.TryPutAsync(Variable(value: "2"), 1, Cancellation));
        Assert.True(await Variables.TryPutAsync(Variable(value: "3") with { Version = 99, Note = "n" }, null, Cancellation));
        Assert.Equal(("v", 3, "3"), Seen(await VariableAsync()));
    }

    [Fact]
    public async Task A_variable_is_deleted_in_any_version_or_only_in_the_expected_one()
    {
        Assert.False(await Variables.TryDeleteAsync(VariableKind.Variable, "v", null, Cancellation));
        Assert.True(await Variables.TryPutAsync(Variable(), null, Cancellation));
        Assert.False(await Variables.TryDeleteAsync(VariableKind.Variable, "v", 2, Cancellation));
        Assert.False(await Variables.TryDeleteAsync(VariableKind.Secret, "v", 1, Cancellation));
        Assert.True(await Variables.TryDeleteAsync(VariableKind.Variable, "v", 1, Cancellation));
        Assert.Null(await VariableAsync());
        Assert.True(await Variables.TryPutAsync(Variable(value: "again"), 0, Cancellation));
        Assert.Equal(("v", 1, "again"), Seen(await VariableAsync()));
    }

    [Fact]
    public async Task Variables_are_listed_by_name_page_by_page()
    {
        foreach (var name in (string[])["b", "a", "ä", "B", "c"])
            await Variables.TryPutAsync(Variable(name), null, Cancellation);
        await Variables.TryPutAsync(Variable("s", kind: VariableKind.Secret), null, Cancellation);

        Assert.Equal(["B", "a", "b", "c", "ä"], (await Variables.ListAsync(VariableKind.Variable, null, 9, Cancellation)).Select(one => one.Name));
        Assert.Equal(["b", "c"], (await Variables.ListAsync(VariableKind.Variable, "a", 2, Cancellation)).Select(one => one.Name));
        Assert.Equal(["s"], (await Variables.ListAsync(VariableKind.Secret, null, 9, Cancellation)).Select(one => one.Name));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Variables.ListAsync(VariableKind.Variable, null, 0, Cancellation));
    }

    [Fact]
    public async Task Of_those_who_set_a_variable_at_the_same_time_one_wins_for_each_version()
    {
        var second = CreateSecondStore();
        await second.OpenAsync(Cancellation);
        await Variables.TryPutAsync(Variable(value: "0"), 0, Cancellation);

        async Task<int> CountAsync(IVariableStore variables)
        {
            var count = 0;
            while (count < 25)
            {
                var read = (await variables.GetAsync(VariableKind.Variable, "v", Cancellation))!;
                var next = Variable(value: $"{int.Parse(Encoding.UTF8.GetString(read.Value.Span), null) + 1}");
                if (await variables.TryPutAsync(next, read.Version, Cancellation))
                    count++;
            }

            return count;
        }

        await Task.WhenAll(Task.Run(() => CountAsync(Variables)), Task.Run(() => CountAsync(second.Variables!)), Task.Run(() => CountAsync(Variables))).WaitAsync(Limit, Cancellation);

        Assert.Equal(("v", 76, "75"), Seen(await VariableAsync()));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () => await second.Variables!.TryPutAsync(Variable("new", $"{i}"), null, Cancellation))));
        Assert.Equal(20, (await VariableAsync("new"))!.Version);
        if (second != Store)
            await second.DisposeAsync();
    }

    [Fact]
    public async Task Names_and_values_that_are_not_allowed_are_refused()
    {
        foreach (var name in (string?[])["", null, "a\n", "a\0b", " a", "a ", new string('x', VariableRecord.LongestName + 1)])
            await Assert.ThrowsAsync<ArgumentException>(async () => await Variables.TryPutAsync(Variable(name!), null, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Variables.TryPutAsync(Variable(value: new string('x', VariableRecord.LargestValue + 1)), null, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Variables.TryPutAsync(Variable() with { ChangedBy = null! }, null, Cancellation));
        Assert.Empty(await Variables.ListAsync(VariableKind.Variable, null, 9, Cancellation));

        var longest = Variable(new string('ü', VariableRecord.LongestName), new string('x', VariableRecord.LargestValue));
        Assert.True(await Variables.TryPutAsync(longest, null, Cancellation));
        Assert.Equal(VariableRecord.LargestValue, (await VariableAsync(longest.Name))!.Value.Length);
    }
}
