using Fletcher.Runtime;

namespace Fletcher.Generators.Tests.Driver;

/// <summary>The registry of a generated program, found as the engine finds it.</summary>
internal static class Definitions
{
    internal static IRegistry Registry(this Generated program)
    {
        var attribute = program.Load().GetCustomAttributes(typeof(FletcherRegistryAttribute), inherit: false);
        return (IRegistry)Activator.CreateInstance(Assert.IsType<FletcherRegistryAttribute>(Assert.Single(attribute)).Registry)!;
    }

    /// <summary>The one step of a class with this member.</summary>
    internal static StepDefinition Step(string members, string type = "static class Billing") =>
        Assert.Single(Generated.From($"{type} {{ {members}\n}}").Registry().Steps);

    /// <summary>The first flow of a class with these members.</summary>
    internal static FlowDefinition Flow(string members, string type = "static class Billing", string more = "") =>
        Generated.From($"{type} {{ {members}\n}} {more}").Registry().Flows[0];
}
