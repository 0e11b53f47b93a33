namespace Fletcher.Generators.Interceptors;

/// <summary>
/// The names of generated files: that of the user's file, and a number where several have it. No path is in them, as the
/// program must not depend on where it was built.
/// </summary>
internal sealed class HintNames
{
    private readonly Dictionary<string, int> _used = new(StringComparer.OrdinalIgnoreCase);

    internal string Next(string path)
    {
        var name = new string([.. Path.GetFileNameWithoutExtension(path).Select(c => IsAllowed(c) ? c : '_')]);
        _used.TryGetValue(name, out var count);
        _used[name] = ++count;
        return count == 1 ? $"{name}.Calls.g.cs" : $"{name}.Calls.{count}.g.cs";
    }

    // The compiler throws on others.
    private static bool IsAllowed(char c) => char.IsLetterOrDigit(c) || c is '.' or '-' or '_';
}
