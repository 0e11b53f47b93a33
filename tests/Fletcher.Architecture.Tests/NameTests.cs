using System.Reflection;
using System.Text.RegularExpressions;

namespace Fletcher.Architecture.Tests;

/// <summary>One word for one thing: those of docs/architecture.md, and not those of other products.</summary>
public sealed partial class NameTests
{
    private static readonly string[] Banned = ["Job", "Jobs", "Worker", "Workers", "Dag", "Dags", "Operator", "Operators"];

    [Fact]
    public void No_public_name_uses_a_foreign_word()
    {
        var names = House.Packages
            .SelectMany(assembly => assembly.GetExportedTypes())
            .SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Select(member => $"{type.Name}.{member.Name}")
                .Prepend(type.FullName!))
            .Where(name => Word().Matches(name).Any(word => Banned.Contains(word.Value)));

        Assert.Empty(names);
    }

    [Fact]
    public void An_asynchronous_step_is_not_called_a_task()
    {
        var names = House.Packages
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Select(type => type.Name)
            .Where(name => Word().Matches(name).Any(word => word.Value is "Task" or "Tasks"));

        Assert.Empty(names);
    }

    [GeneratedRegex("[A-Z][a-z0-9]*")]
    private static partial Regex Word();
}
