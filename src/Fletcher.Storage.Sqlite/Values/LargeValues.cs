using Fletcher.Model;
using Microsoft.Win32.SafeHandles;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Values too large for a row, a file each in <c>(database).results/ab/ab01…</c>, named after the hash of the content. The
/// same content is kept once, however many steps, flows and cache entries have it, and reusing a result in a later run
/// copies nothing; the table <c>large_values</c> says which runs refer to a file, so pruning is by rows, not by search.
/// A file is complete and on disk before the transaction that refers to it commits: it is written under a temporary name
/// and renamed. A crash can only leave a file that nobody refers to.
/// </summary>
internal sealed class LargeValues(string databasePath, Durability durability)
{
    private const int ChunkBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan TemporaryFileLife = TimeSpan.FromDays(1);

    private readonly string _folder = databasePath + ".results";

    private string TemporaryFolder => Path.Combine(_folder, "tmp");

    /// <summary>Keeps the content of a value, unless it is there already.</summary>
    public void Write(StoredValue value)
    {
        var content = value.Content!;
        if (ContentHash.Of(content) != value.Hash || value.Length != content.Length)
            throw new ArgumentException($"The value of {content.Length} bytes has hash or length of another one.", nameof(value));

        var file = PathOf(value.Hash);
        try
        {
            if (!IsThereAfterTouch(file, content.Length))
                Create(file, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.From(e, file);
        }
    }

    /// <summary>The content of a value, checked against its hash.</summary>
    public byte[] Read(StoredValue value)
    {
        var hash = ValueColumns.FileOf(value);
        var file = PathOf(hash);
        byte[] content;
        try
        {
            using var handle = File.OpenHandle(file);
            var length = RandomAccess.GetLength(handle);
            if (length != value.Length)
                throw StoreErrors.DamagedValue(file, $"it has {length} bytes instead of {value.Length}");
            content = Read(handle, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.MissingValue(file, e);
        }

        var found = ContentHash.Of(content);
        return found == hash ? content : throw StoreErrors.DamagedValue(file, $"its content has the hash {found}");
    }

    /// <summary>Removes what a crash left half-written long enough ago that nobody can be writing it still.</summary>
    public void RemoveLeftovers()
    {
        try
        {
            var oldest = TimeProvider.System.GetUtcNow().UtcDateTime - TemporaryFileLife;
            foreach (var file in new DirectoryInfo(TemporaryFolder).EnumerateFiles())
            {
                if (file.LastWriteTimeUtc < oldest)
                    file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Usually the folder is not there. Leftovers cost room only; the next one to open tries again.
        }
    }

    /// <summary>Whether the file of a value is there with its length.</summary>
    public bool IsThere(ContentHash hash, long length) => new FileInfo(PathOf(hash)) is { Exists: true } file && file.Length == length;

    /// <summary>How many bytes all files take.</summary>
    public long CountBytes() => Directory.Exists(_folder)
        ? new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length)
        : 0;

    /// <summary>Copies all files to where those of another database belong. One that goes meanwhile is not referred to any more.</summary>
    public void CopyTo(string otherDatabase, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_folder))
            return;
        var target = otherDatabase + ".results";
        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var relative = Path.GetRelativePath(_folder, file);
            if (relative.StartsWith("tmp" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                continue;
            var copy = Path.Combine(target, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            try
            {
                File.Copy(file, copy);
            }
            catch (FileNotFoundException)
            {
                // Pruned since the list was made.
            }
        }
    }

    /// <summary>
    /// Deletes the file of a value that nothing refers to, unless somebody was about to refer to it within this time. It is moved away first and looked at again there: who writes the same value either finds
    /// nothing and writes it anew, or has touched it before, and then it goes back.
    /// </summary>
    /// <returns>Whether it is gone.</returns>
    public bool Delete(ContentHash hash, TimeSpan life)
    {
        var file = PathOf(hash);
        var away = Path.Combine(TemporaryFolder, $"{Path.GetFileName(file)}.{Guid.CreateVersion7():n}");
        try
        {
            if (!File.Exists(file))
                return true;
            if (!IsOlder(file, life))
                return false;
            Directory.CreateDirectory(TemporaryFolder);
            File.Move(file, away);
            if (IsOlder(away, life))
            {
                File.Delete(away);
                return true;
            }

            File.Move(away, file, overwrite: true);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It costs room only; somebody tries again.
            return false;
        }
    }

    private static bool IsOlder(string file, TimeSpan life) => TimeProvider.System.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(file) > life;

    // Its age protects a file from being swept before the row that refers to it is there.
    private static bool IsThereAfterTouch(string file, long length)
    {
        if (new FileInfo(file) is not { Exists: true } existing || existing.Length != length)
            return false;
        try
        {
            existing.LastWriteTimeUtc = TimeProvider.System.GetUtcNow().UtcDateTime;
            return true;
        }
        catch (FileNotFoundException)
        {
            // It was swept in this moment.
            return false;
        }
    }

    private string PathOf(ContentHash hash)
    {
        var name = hash.ToString();
        return Path.Combine(_folder, name[..2], name);
    }

    private void Create(string file, byte[] content)
    {
        var folder = Path.GetDirectoryName(file)!;
        var isFirstFile = !Directory.Exists(_folder);
        var isFirstInFolder = !Directory.Exists(folder);
        Directory.CreateDirectory(TemporaryFolder);
        Directory.CreateDirectory(folder);

        var temporary = Path.Combine(TemporaryFolder, $"{Path.GetFileName(file)}.{Guid.CreateVersion7():n}");
        try
        {
            using (var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                for (var offset = 0; offset < content.Length; offset += ChunkBytes)
                    RandomAccess.Write(handle, content.AsSpan(offset, Math.Min(ChunkBytes, content.Length - offset)), offset);
                if (durability == Durability.Full)
                    RandomAccess.FlushToDisk(handle);
            }

            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        if (durability != Durability.Full)
            return;
        FolderSync.Flush(folder);
        if (isFirstInFolder)
            FolderSync.Flush(_folder);
        if (isFirstFile)
            FolderSync.Flush(Path.GetDirectoryName(_folder)!);
    }

    private static byte[] Read(SafeFileHandle handle, long length)
    {
        var content = GC.AllocateUninitializedArray<byte>(checked((int)length));
        var read = 0;
        while (read < content.Length)
        {
            var count = RandomAccess.Read(handle, content.AsSpan(read, Math.Min(ChunkBytes, content.Length - read)), read);
            if (count == 0)
                throw new EndOfStreamException("the file became shorter while it was read");
            read += count;
        }

        return content;
    }
}
