namespace Fletcher.Hosting;

/// <summary>How another process of this program comes by a host that is set up as this one.</summary>
internal enum ProcessStart
{
    /// <summary>It cannot: the host was made by code that another process need not come to.</summary>
    None,
    /// <summary>The statements of a plain program are not executed again: a startup hook of .NET makes the program's host before them (<c>StartupHook</c> in the package Fletcher).</summary>
    Hook,
    /// <summary>An application is set up as always; its hosted service executes the run before any other one starts.</summary>
    Main,
}
