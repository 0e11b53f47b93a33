using System.ComponentModel;

namespace Fletcher.Runtime;

/// <summary>A place in the code where a step or flow is called. Made by generated code, once a place.</summary>
/// <param name="id">A hash of the calling member, the called method and the ordinal of the call in that member.</param>
/// <param name="file">The file.</param>
/// <param name="line">The line, from 1.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CallSite(ulong id, string file, int line)
{
    /// <summary>A hash of the calling member, the called method and the ordinal of the call in that member; edits elsewhere do not change it.</summary>
    public ulong Id { get; } = id;

    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;
}
