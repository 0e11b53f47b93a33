using System.IO.Hashing;
using System.Runtime.InteropServices;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>Makes calls of lambdas, as generated code does of methods.</summary>
internal static class LambdaStep
{
    private const int MaxDefinitions = 4096;

    internal static Task<T> RunTask<T>(
        string name, Func<CancellationToken, ValueTask<T>> body, object? key, StepOptions? options, string member, string file, int line)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Ambient.Current is Scope scope
            ? Dispatch.RunTask(Call(scope, name, body, key, options, member, file, line))
            : body(CancellationToken.None).AsTask();
    }

    internal static T Run<T>(
        string name, Func<CancellationToken, ValueTask<T>> body, object? key, StepOptions? options, string member, string file, int line)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Ambient.Current is Scope scope
            ? Calls.Run(Call(scope, name, body, key, options, member, file, line))
            : body(CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    internal static async ValueTask<Nothing> NothingAsync(Task task)
    {
        await task.ConfigureAwait(false);
        return default;
    }

    private static LambdaCall<T> Call<T>(
        Scope scope, string name, Func<CancellationToken, ValueTask<T>> body, object? key, StepOptions? options,
        string member, string file, int line)
    {
        // Names with a number in them, or options with a new list each time, must not fill the memory of a long-lived host.
        if (scope.Run.Host.LambdaDefinitions.Count >= MaxDefinitions)
            scope.Run.Host.LambdaDefinitions.Clear();
        var definition = scope.Run.Host.LambdaDefinitions.GetOrAdd(
            (name, options), static (step, place) => Definition(step.Name, step.Options, place.file, place.line), (file, line));
        var place = XxHash3.HashToUInt64(MemoryMarshal.AsBytes<char>($"{member}\n{name}"));
        return new LambdaCall<T>(definition, new CallSite(place, file, line), body, key, options);
    }

    private static StepDefinition Definition(string name, StepOptions? options, string file, int line)
    {
        options ??= new StepOptions();
        return new StepDefinition
        {
            Id = name,
            File = file,
            Line = line,
            Retries = options.Retries,
            Backoff = options.Backoff,
            Jitter = options.Jitter,
            RetryOn = options.RetryOn,
            NoRetryOn = options.NoRetryOn,
            RetryIf = options.RetryIf,
            Timeout = options.Timeout,
            TotalTimeout = options.TotalTimeout,
            Delivery = options.Delivery,
            ReadOnly = options.ReadOnly,
            Cache = options.Cache,
            OnDrift = options.OnDrift,
            Limit = options.Limit,
            LimitWeight = options.LimitWeight,
        };
    }
}

/// <summary>A call of a lambda.</summary>
internal sealed class LambdaCall<T>(
    StepDefinition definition, CallSite site, Func<CancellationToken, ValueTask<T>> body, object? key, StepOptions? options)
    : Call<T>(definition, site)
{
    protected internal override void WriteInputs(InputWriter inputs)
    {
        if (key is not null)
            inputs.Add("key", key);
    }

    protected internal override string? RenderTarget() => options?.Target;

    protected internal override string? RenderLimitKey() => options?.LimitKey;

    protected internal override ValueTask<T> InvokeAsync(CancellationToken cancellationToken) => body(cancellationToken);
}
