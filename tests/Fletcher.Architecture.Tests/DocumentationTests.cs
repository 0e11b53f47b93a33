using System.Reflection;
using System.Xml.Linq;

namespace Fletcher.Architecture.Tests;

/// <summary>What people can call is documented. The compiler insists (CS1591); here it is checked that it is asked to.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void Every_package_has_documentation_of_its_public_types()
    {
        foreach (var assembly in House.Packages)
        {
            var file = DocumentationOf(assembly);
            Assert.True(File.Exists(file), $"{assembly.GetName().Name} is packed and has no documentation file");
            var known = XDocument.Load(file).Descendants("member").Select(member => (string)member.Attribute("name")!).ToHashSet();
            var missing = assembly.GetExportedTypes().Select(type => $"T:{type.FullName!.Replace('+', '.')}").Where(type => !known.Contains(type));
            Assert.Empty(missing);
        }
    }

    // It is not copied to the projects that use the assembly: it lies beside the assembly's own output.
    private static string DocumentationOf(Assembly assembly)
    {
        var name = assembly.GetName().Name!;
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Combine(House.Root, "artifacts", "bin", name, configuration, $"{name}.xml");
    }

    [Fact]
    public void Nobody_switches_the_check_off()
    {
        var switched = Directory.EnumerateFiles(House.Root, "Directory.Build.*")
            .Concat(House.Projects())
            .Append(Path.Combine(House.Root, ".editorconfig"))
            .Concat(House.SourceFiles())
            .Where(file => File.ReadAllText(file).Contains("CS1591", StringComparison.Ordinal))
            .Select(House.Relative);

        Assert.Empty(switched);
        Assert.Contains("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>", File.ReadAllText(Path.Combine(House.Root, "Directory.Build.props")), StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_are_those_that_the_tests_know()
    {
        var packable = House.Projects()
            .Where(project => (string?)XDocument.Load(project).Descendants("IsPackable").SingleOrDefault() == "true")
            .Select(Path.GetFileNameWithoutExtension);

        Assert.Equal(House.Packages.Select(assembly => assembly.GetName().Name).Order(), packable.Order());
    }
}
