namespace Fletcher.Model.Tests.Protocol;

/// <summary>
/// What can happen although the protocol is kept: between the look at the lease and the effect the process may stall. No fence of
/// the store reaches into the world.
/// </summary>
internal enum Window
{
    None,

    /// <summary>An at-least-once effect of a stalled host happens when its successor has committed the step's result.</summary>
    EffectAfterItsResult,

    /// <summary>An effect of a stalled host happens when the run has ended elsewhere.</summary>
    EffectAfterTheEnd,

    /// <summary>An at-most-once effect of a stalled host happens, for the first time, when the step has become Unknown.</summary>
    EffectAfterUnknown,

    /// <summary>Somebody asks to run a step that is Unknown, and both the old and the new effect happen.</summary>
    TwiceWhenAsked,
}
