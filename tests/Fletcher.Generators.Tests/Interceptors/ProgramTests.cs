using Fletcher.Generators.Tests.Driver;
using Fletcher.Runtime;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Tests.Interceptors;

/// <summary>Whole programs: top-level statements, several files, a library used by an application.</summary>
public sealed class ProgramTests
{
    [Fact]
    public void Calls_in_top_level_statements_are_intercepted()
    {
        var program = Generated.From(TestCompilation.Of(
            [("Main.cs", "Environment.ExitCode = Sample.F(1); static class Sample { [Step] internal static int F(int x) => x + 1; }")],
            kind: OutputKind.ConsoleApplication));
        var before = Environment.ExitCode;

        program.Load().EntryPoint!.Invoke(null, [Array.Empty<string>()]);

        Assert.Contains("InterceptsLocation(1,", program.AllText, StringComparison.Ordinal);
        Assert.Equal(2, Environment.ExitCode);
        Environment.ExitCode = before;
    }

    [Fact]
    public async Task Files_of_the_same_name_each_have_their_own_generated_file()
    {
        var program = Generated.From(TestCompilation.Of(
        [
            ("a/Steps.cs", "static class A { [Step] static int F(int x) => x + 1; internal static int G() => F(0); }"),
            ("b/Steps.cs", "static class B { [Step] static int F(int x) => x + 1; internal static int G() => F(0); }"),
            ("Sample.cs", "static class Sample { static int Run() => A.G() + B.G(); }"),
        ]));

        Assert.Contains("Steps.Calls.g.cs", program.Files.Keys);
        Assert.Contains("Steps.Calls.2.g.cs", program.Files.Keys);
        Assert.Equal(2, await program.Run());
    }

    [Fact]
    public async Task An_application_uses_the_definition_of_the_library()
    {
        var library = Generated.From(TestCompilation.Of(
            [("Lib.cs", "namespace Lib; public static class Mail { [Step(Retries = 3)] public static int Send(int x) => x + 1; }")], "Lib"));
        var application = Application(library);

        Assert.Equal(2, await application.Run(library));
        var definition = Definition(application, library);
        Assert.Equal("Mail.Send", definition.Id);
        Assert.Equal(3, definition.Retries);
        Assert.Equal("Lib.cs", definition.File);
        Assert.NotNull(definition.SourceHash);
    }

    [Fact]
    public async Task A_library_without_the_generator_is_known_by_its_attributes()
    {
        var plain = TestCompilation.Of(
            [("Lib.cs", "namespace Lib; public static class Mail { [Step(Retries = 3)] public static int Send(int x) => x + 1; }")], "Lib");
        var library = Generated.Without(plain);
        var application = Application(library);

        Assert.Equal(2, await application.Run(library));
        var definition = Definition(application, library);
        Assert.Equal("Mail.Send", definition.Id);
        Assert.Equal(3, definition.Retries);
        Assert.Null(definition.SourceHash);
    }

    [Fact]
    public void A_program_without_steps_gets_no_files() =>
        Assert.Empty(Generated.From("static class Sample { static void Run() { } }").Files);

    private static Generated Application(Generated library) => Generated.From(TestCompilation.Of(
        [("App.cs", "static class Sample { static int Run() => Lib.Mail.Send(1); }")], "App", references: [library.Reference]));

    private static StepDefinition Definition(Generated application, Generated library)
    {
        var imported = Assert.Single(application.Load(library).GetTypes(), t => t.Name.Contains("Imported", StringComparison.Ordinal));
        var field = Assert.Single(imported.GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic));
        return Assert.IsType<StepDefinition>(field.GetValue(null));
    }
}
