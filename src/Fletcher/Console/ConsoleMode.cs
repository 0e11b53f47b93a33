namespace Fletcher.Terminal;

/// <summary>How Fletcher shows runs on the console.</summary>
public enum ConsoleMode
{
    /// <summary>Not at all.</summary>
    Off,
    /// <summary>A line for what happens, without colours; for files, pipes and build servers.</summary>
    Plain,
    /// <summary>A tree that is kept up to date in place.</summary>
    Live,
}
