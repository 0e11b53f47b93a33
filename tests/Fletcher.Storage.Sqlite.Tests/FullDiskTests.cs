using System.Diagnostics;
using Fletcher.Conformance;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>On a small file system in memory, where this user may mount one.</summary>
public sealed class FullDiskTests : SqliteTest
{
    [Fact]
    public async Task A_full_disk_is_named_and_what_was_committed_stays()
    {
        using var disk = Mount("size=6m");
        var run = A.FlowRun();
        var committed = 0;
        await using (var store = await OpenAsync(disk.Database))
        {
            await WriteAsync(store, run);
            await AssertUnavailableAsync(
                "FLT1107",
                async () =>
                {
                    for (; committed < 100; committed++)
                        await WriteAsync(store, Batch(run, committed));
                },
                disk.Database,
                "full",
                "Make room");
            Assert.InRange(committed, 1, 99);
            Assert.Equal(committed * 100, (await StepRunsAsync(store, run.Id)).Count);

            disk.MakeRoom();
            await WriteAsync(store, Batch(run, committed));
            Assert.Equal((committed + 1) * 100, (await StepRunsAsync(store, run.Id)).Count);
        }

        await using var again = await OpenAsync(disk.Database);
        Assert.Equal((committed + 1) * 100, (await StepRunsAsync(again, run.Id)).Count);
        Assert.Equal("ok", Query(disk.Database, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task A_large_value_on_a_full_disk_leaves_nothing_behind()
    {
        using var disk = Mount("size=4m");
        await using var store = await OpenAsync(disk.Database);
        var step = A.StepRun(A.RunId(), 1) with { Result = A.Value(new byte[5_000_000]) };

        await AssertUnavailableAsync("FLT1107", () => WriteAsync(store, step).AsTask(), "full", "Make room");

        Assert.Empty(Directory.GetFiles(disk.Database + ".results", "*", SearchOption.AllDirectories));
        Assert.Empty(await StepRunsAsync(store, step.RunId));
    }

    [Fact]
    public async Task A_disk_that_is_full_from_the_start_is_named()
    {
        using var disk = Mount("size=4m");
        disk.Fill(leave: 0);

        await AssertUnavailableAsync("FLT1107", () => OpenAsync(disk.Database), disk.Database, "full");
    }

    [Fact]
    public async Task A_read_only_disk_is_named()
    {
        using var disk = Mount("size=4m");
        await (await OpenAsync(disk.Database)).DisposeAsync();
        disk.MakeReadOnly();

        await AssertUnavailableAsync("FLT1102", () => OpenAsync(disk.Database), disk.Database, "read-only");
        await AssertUnavailableAsync("FLT1101", () => OpenAsync(disk.Database + ".new"), "cannot be opened");
    }

    private static object[] Batch(Model.FlowRunRecord run, int number) =>
    [
        .. Enumerable.Range((number * 100) + 1, 100).Select(i => A.StepRun(run.Id, i) with { Result = A.Value(new byte[1000]) }),
    ];

    private SmallDisk Mount(string options)
    {
        var disk = SmallDisk.TryMount(File("disk"), options);
        Assert.SkipWhen(disk is null, "This user may not mount a file system in memory.");
        disk!.Reserve();
        return disk;
    }

    private sealed class SmallDisk(string folder) : IDisposable
    {
        public string Database => Path.Combine(folder, "fletcher.db");

        private string Filler => Path.Combine(folder, "filler");

        public static SmallDisk? TryMount(string folder, string options)
        {
            Directory.CreateDirectory(folder);
            return OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)
                ? new SmallDisk(folder)
                : null;
        }

        public void Reserve() => System.IO.File.WriteAllBytes(Filler, new byte[1_000_000]);

        public void MakeRoom() => System.IO.File.Delete(Filler);

        public void Fill(int leave)
        {
            using var file = System.IO.File.OpenWrite(Path.Combine(folder, "more"));
            var block = new byte[4096];
            try
            {
                while (true)
                    RandomAccess.Write(file.SafeFileHandle, block, RandomAccess.GetLength(file.SafeFileHandle));
            }
            catch (IOException)
            {
                RandomAccess.SetLength(file.SafeFileHandle, RandomAccess.GetLength(file.SafeFileHandle) - leave);
            }
        }

        public void MakeReadOnly() => Assert.True(Run("mount", "-o", "remount,ro", folder));

        public void Dispose() => Run("umount", "-l", folder);

        private static bool Run(string program, params string[] arguments)
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
                process.StandardError.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode == 0;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }
    }
}
