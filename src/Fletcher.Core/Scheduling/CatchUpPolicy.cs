namespace Fletcher.Scheduling;

/// <summary>What happens to firings whose time passed while nobody was there to start them.</summary>
public enum CatchUpPolicy
{
    /// <summary>The latest one is started, the ones before it are left out.</summary>
    Latest = 0,

    /// <summary>None is started.</summary>
    Skip = 1,

    /// <summary>All are started that are not older than a window, oldest first.</summary>
    All = 2,
}
