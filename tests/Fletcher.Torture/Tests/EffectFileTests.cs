using Fletcher.Torture.Effects;

namespace Fletcher.Torture.Tests;

public sealed class EffectFileTests
{
    private static readonly Effect Line = new()
    {
        Kind = EffectKind.Began,
        Seed = 12,
        Root = "root",
        Run = "run",
        Path = "/s0/p1",
        Sequence = 3,
        Attempt = 2,
        Process = 4711,
        Host = "host",
        Fence = 5,
        Input = ulong.MaxValue,
        At = 1.25,
    };

    [Fact]
    public void What_was_written_is_read_with_its_place()
    {
        var path = Path.GetTempFileName();
        using (var file = new EffectFile(path))
        {
            file.Append(Line);
            file.Append(Line with { Kind = EffectKind.Returned });
        }

        var read = EffectFile.Read(path);

        Assert.Equal([Line with { Offset = 1 }, Line with { Kind = EffectKind.Returned, Offset = Line.Format().Length + 1 }], read);
        File.Delete(path);
    }

    [Fact]
    public void A_line_that_was_cut_off_hides_no_other()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, Line.Format()[..40]);
        using (var file = new EffectFile(path))
            file.Append(Line);

        Assert.Equal(Line with { Offset = 41 }, Assert.Single(EffectFile.Read(path)));
        File.Delete(path);
    }
}
