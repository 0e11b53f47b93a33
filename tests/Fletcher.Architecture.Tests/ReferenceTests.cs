using System.Text.RegularExpressions;

namespace Fletcher.Architecture.Tests;

/// <summary>Arrows of the house point down: docs/architecture.md.</summary>
public sealed partial class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Fletcher.Core"] = [],
        ["Fletcher.Generators"] = [],
        ["Fletcher.CodeFixes"] = ["Fletcher.Generators"],
        ["Fletcher.Storage.Sqlite"] = ["Fletcher.Core"],
        // Beside the package Fletcher, for those who want it: it brings a driver.
        ["Fletcher.Storage.PostgreSql"] = ["Fletcher.Core"],
        ["Fletcher"] = ["Fletcher.Core", "Fletcher.Storage.Sqlite"],
        // The command: a surface above the stores, both of which it must open. Nothing may refer to it.
        ["Fletcher.Cli"] = ["Fletcher", "Fletcher.Storage.PostgreSql"],
        // For the users' tests: beside the package Fletcher, not above it, so that it brings no console and no generator.
        ["Fletcher.Testing"] = ["Fletcher.Core", "Fletcher.Storage.Sqlite"],
    };

    // What each folder of the core may name of the others. Authoring is the namespace Fletcher itself, which all see.
    private static readonly Dictionary<string, string[]> AllowedInCore = new(StringComparer.Ordinal)
    {
        // Pure functions of text, and which texts: it is below all, as secrets may be in anything.
        ["Masking"] = [],
        // A deployment has a schedule, which is a value like any other.
        ["Model"] = ["Scheduling"],
        // Pure functions of time: it takes from its neighbours only how a name that was probably meant is found.
        ["Scheduling"] = ["Diagnosis"],
        ["Storage"] = ["Model", "Scheduling", "Masking"],
        ["Diagnosis"] = ["Model", "Runtime", "Storage", "Masking"],
        // A call knows its type of result, so it is what goes on with a run of that type that a host has claimed.
        ["Runtime"] = ["Model", "Engine", "Hosting", "Storage", "Scheduling"],
        ["Engine"] = ["Model", "Runtime", "Storage", "Diagnosis", "Hosting", "Masking"],
        ["Authoring"] = ["Model", "Runtime", "Engine", "Hosting", "Scheduling"],
        ["Hosting"] = ["Model", "Runtime", "Storage", "Engine", "Diagnosis", "Scheduling", "Masking"],
    };

    [Fact]
    public void A_project_references_only_what_is_below_it()
    {
        foreach (var project in House.Projects())
        {
            var name = Path.GetFileNameWithoutExtension(project);
            Assert.True(Allowed.TryGetValue(name, out var allowed), $"'{name}' is new: say here, and in docs/architecture.md, what it may reference.");
            Assert.Empty(House.ReferencesOf(project).Except(allowed));
        }
    }

    [Fact]
    public void The_core_knows_no_database_no_web_and_no_console()
    {
        // System.Data.Common is there for DbException, the base of what databases throw; no driver is.
        // Cronos, Ical.Net and NodaTime are arithmetic of time, for Scheduling: no input, no output, no clock.
        var foreign = House.Core.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal)
                && !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
                && name is not ("Microsoft.Win32.Primitives" or "Cronos" or "Ical.Net" or "NodaTime"));

        Assert.Empty(foreign);
    }

    [Fact]
    public void The_command_hosts_no_flows_and_knows_no_web()
    {
        // It starts in a fraction of a second and runs nobody's code: no host's services, no container, no server.
        var names = House.Cli.GetReferencedAssemblies().Select(reference => reference.Name!).ToList();

        Assert.DoesNotContain(names, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions.Hosting", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Extensions.DependencyInjection", StringComparison.Ordinal));
        var hosts = House.SourceFiles("Fletcher.Cli").Where(file => File.ReadAllText(file).Contains("FletcherHost", StringComparison.Ordinal)).Select(House.Relative);
        Assert.Empty(hosts);
    }

    [Fact]
    public void The_stores_know_no_console()
    {
        var names = House.Sqlite.GetReferencedAssemblies().Concat(House.PostgreSql.GetReferencedAssemblies())
            .Select(reference => reference.Name!).ToList();

        Assert.DoesNotContain(names, name => name.StartsWith("Spectre", StringComparison.Ordinal) || name == "Fletcher");
        Assert.DoesNotContain(names, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_of_the_core_uses_only_what_is_below_it()
    {
        var wrong = new List<string>();
        foreach (var (folder, allowed) in AllowedInCore)
        {
            foreach (var file in House.SourceFiles(Path.Combine("Fletcher.Core", folder)))
            {
                foreach (Match used in Using().Matches(File.ReadAllText(file)))
                {
                    var name = used.Groups[1].Value;
                    if (name != folder && !allowed.Contains(name))
                        wrong.Add($"{House.Relative(file)} uses {name}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.Equal(
            Directory.EnumerateDirectories(Path.Combine(House.Source, "Fletcher.Core")).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj")).Order(),
            AllowedInCore.Keys.Order());
    }

    [GeneratedRegex(@"^using Fletcher\.(\w+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
