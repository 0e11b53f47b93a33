using System.Reflection;
using Fletcher.Generators.Tests.Driver;
using Fletcher.Runtime;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>
/// Makes a generated call object by hand and looks into it the way the engine does, without running anything else.
/// </summary>
internal static class Probe
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    /// <summary>The only call class of the program, made with these arguments (receiver first).</summary>
    internal static Call Of(Generated program, params object?[] arguments)
    {
        var type = Assert.Single(program.Load().GetTypes(), t => t.IsAssignableTo(typeof(Call)) && t.Name.Contains("Call", StringComparison.Ordinal));
        var site = new CallSite(1, "", 1);
        return (Call)Activator.CreateInstance(type, [site, .. arguments])!;
    }

    internal static IReadOnlyList<(string Name, object? Value)> Inputs(this Call call)
    {
        var recorder = new Recorder();
        call.Invoke("WriteInputs", recorder);
        return recorder.Inputs;
    }

    internal static string? Render(this Call call, string setting) => (string?)call.Invoke("Render" + setting);

    internal static CancellationToken CallerToken(this Call call) =>
        (CancellationToken)call.GetType().GetProperty("CallerToken", Any)!.GetValue(call)!;

    /// <summary>An attempt; its result.</summary>
    internal static async Task<object?> Attempt(this Call call, CancellationToken cancellationToken)
    {
        var task = call.Invoke("InvokeAsync", cancellationToken)!;
        var asTask = (Task)task.GetType().GetMethod("AsTask")!.Invoke(task, null)!;
        await asTask;
        return asTask.GetType().GetProperty("Result")!.GetValue(asTask);
    }

    private static object? Invoke(this Call call, string method, params object?[] arguments) =>
        call.GetType().GetMethod(method, Any)!.Invoke(call, arguments);

    private sealed class Recorder : InputWriter
    {
        internal List<(string Name, object? Value)> Inputs { get; } = [];

        public override void Add<T>(string name, T value) => Inputs.Add((name, value));
    }
}
