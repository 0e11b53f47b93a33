using System.Reflection;

namespace Fletcher.Engine;

/// <summary>
/// Says whether anybody has looked at the exception of a failed task. .NET keeps that in a private flag (it drives
/// <see cref="TaskScheduler.UnobservedTaskException"/>, which comes at an arbitrary time and is of no use here), so it is
/// read by reflection; TaskObservationTests fails if a new runtime renames it, and then every failure counts as observed.
/// </summary>
internal static class TaskObservation
{
    private const BindingFlags Private = BindingFlags.Instance | BindingFlags.NonPublic;

    private static readonly FieldInfo? Properties = typeof(Task).GetField("m_contingentProperties", Private);
    private static readonly FieldInfo? Holder = Properties?.FieldType.GetField("m_exceptionsHolder", Private);
    private static readonly FieldInfo? Handled = Holder?.FieldType.GetField("m_isHandled", Private);

    internal static bool IsSupported => Handled is not null;

    internal static bool IsObserved(Task task)
    {
        if (Handled is null || Properties!.GetValue(task) is not { } properties || Holder!.GetValue(properties) is not { } holder)
            return true;
        return (bool)Handled.GetValue(holder)!;
    }
}
