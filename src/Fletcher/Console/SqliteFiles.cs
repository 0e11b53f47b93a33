using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Fletcher.Diagnosis;
using Microsoft.Win32.SafeHandles;

namespace Fletcher.Terminal;

/// <summary>Finds the SQLite files that a failed step may have worked on.</summary>
/// <remarks>
/// No file is opened here. When a process closes any descriptor of a file, the operating system drops all POSIX locks that
/// the process has on it, those of SQLite connections too (https://sqlite.org/howtocorrupt.html, 2.2). So open files are
/// read through the descriptors that they have, and named ones are left to SQLite, which knows of its own connections.
/// </remarks>
internal static class SqliteFiles
{
    private const int MaxStrings = 200;
    private const int MaxOpenFiles = 512;

    /// <summary>
    /// Files named by the step's inputs and the flow's parameters, then (on Linux) those that this process has open: a pooled
    /// connection stays open after the step has closed it. Without Fletcher's own store.
    /// </summary>
    internal static IEnumerable<string> Candidates(FailureContext context, string storeDescription)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Named(context.Step?.Inputs).Concat(Named(context.Run.Parameters)).Concat(OpenFiles()))
            if (seen.Add(file) && !storeDescription.Contains(file, StringComparison.Ordinal) && MayBeDatabase(file))
                yield return file;
    }

    private static List<string> Named(byte[]? document)
    {
        var files = new List<string>();
        if (document is not { Length: > 0 })
            return files;
        try
        {
            using var json = JsonDocument.Parse(document);
            Collect(json.RootElement, files);
        }
        catch (JsonException)
        {
            // No inputs, no files.
        }
        return files;
    }

    private static void Collect(JsonElement value, List<string> files)
    {
        if (files.Count >= MaxStrings)
            return;
        if (value.ValueKind == JsonValueKind.String && ToPath(value.GetString()!) is { } path)
            files.Add(path);
        else if (value.ValueKind == JsonValueKind.Object)
            foreach (var member in value.EnumerateObject())
                Collect(member.Value, files);
        else if (value.ValueKind == JsonValueKind.Array)
            foreach (var item in value.EnumerateArray())
                Collect(item, files);
    }

    private static string? ToPath(string text)
    {
        if (text.Length is 0 or > 4096 || text.Contains('\0', StringComparison.Ordinal))
            return null;
        try
        {
            var path = text.Contains('=', StringComparison.Ordinal) ? DataSource(text) ?? text : text;
            return path.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
                ? new Uri(path.Split('?')[0]).LocalPath
                : Path.GetFullPath(path);
        }
        catch (Exception e) when (e is ArgumentException or UriFormatException or NotSupportedException or IOException)
        {
            return null;
        }
    }

    private static string? DataSource(string text)
    {
        try
        {
            var builder = new DbConnectionStringBuilder { ConnectionString = text };
            foreach (var key in (ReadOnlySpan<string>)["Data Source", "DataSource", "Filename"])
                if (builder.TryGetValue(key, out var value) && value is string { Length: > 0 } source)
                    return source;
        }
        catch (ArgumentException)
        {
            // A path with an equals sign in it.
        }
        return null;
    }

    private static List<string> OpenFiles()
    {
        var files = new List<string>();
        if (!OperatingSystem.IsLinux())
            return files;
        try
        {
            foreach (var descriptor in Directory.EnumerateFiles("/proc/self/fd").Take(MaxOpenFiles))
                if (TargetOf(descriptor) is { } target && !files.Contains(target))
                    files.Add(target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A sandbox without /proc.
        }
        return files;
    }

    private static string? TargetOf(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false) is { } target
                && int.TryParse(Path.GetFileName(descriptor), CultureInfo.InvariantCulture, out var number)
                && MayBeDatabase(target.FullName) && HasSqliteHeader(number)
                    ? target.FullName
                    : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    // The files beside a database hold locks of their own, and no tables.
    private static bool MayBeDatabase(string file)
    {
        var info = new FileInfo(file);
        return info.Exists && info.Length >= 512
            && !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal)
            && !file.EndsWith("-journal", StringComparison.Ordinal);
    }

    private static bool HasSqliteHeader(int descriptor)
    {
        using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
        Span<byte> header = stackalloc byte[16];
        return RandomAccess.Read(handle, header, 0) == header.Length && header.SequenceEqual("SQLite format 3\0"u8);
    }
}
