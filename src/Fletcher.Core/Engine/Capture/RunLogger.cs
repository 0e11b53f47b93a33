using Microsoft.Extensions.Logging;

namespace Fletcher.Engine;

/// <summary>A logger whose lines go to the log of whatever flow or step writes them, and nowhere when neither does.</summary>
internal sealed class RunLogger(string category) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && Ambient.Current is Scope;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel == LogLevel.None || Ambient.Current is not Scope scope)
            return;
        var text = formatter(state, exception) ?? ""; // no store takes a line without text, and a formatter may return null
        scope.Log(logLevel, category, exception is null ? text : $"{text}\n{exception}");
    }
}

/// <summary>Gives out <see cref="RunLogger"/>s, so that everything an application logs inside a run is kept with the run.</summary>
[ProviderAlias("Fletcher")]
internal sealed class RunLoggerProvider : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new RunLogger(categoryName);

    public void Dispose()
    {
    }
}
