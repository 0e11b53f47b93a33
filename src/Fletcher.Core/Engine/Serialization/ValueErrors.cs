namespace Fletcher.Engine;

/// <summary>What is said when a value cannot be stored or read back.</summary>
internal static class ValueErrors
{
    internal static FletcherUsageException Input(string method, Type declared, object? value, Exception inner) => new(
        "FLT1201",
        $"'{method}' was given a '{Name(value?.GetType() ?? declared)}', which cannot be written as JSON: {inner.Message} "
        + "Give it plain data, or mark the parameter [NotInput] if it does not decide what the step does.",
        inner);

    internal static FletcherUsageException Result(string method, Type declared, object? value, Exception inner) => new(
        "FLT1204",
        $"'{method}' returned a '{Name(value?.GetType() ?? declared)}', which cannot be stored: {inner.Message} "
        + "Return a plain record, or nothing.",
        inner);

    internal static FletcherUsageException Stored(string method, Type declared, Exception inner) => new(
        "FLT1205",
        $"The stored result of '{method}' cannot be read as '{Name(declared)}': {inner.Message} "
        + "The type was changed since; give it the old shape back, or rename the step so that it runs again.",
        inner);

    private static string Name(Type type) => type.FullName ?? type.Name;
}
