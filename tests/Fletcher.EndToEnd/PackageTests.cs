using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd;

/// <summary>What a user gets from the packages, without anything of this repository around.</summary>
public sealed class PackageTests(Packages packages)
{
    [Fact]
    public async Task A_file_based_program_is_remembered()
    {
        var folder = await packages.CreateFolderAsync("file");
        await Write(folder, "hello.cs", $$"""
            #:package Fletcher@{{packages.Version}}
            using Fletcher;

            Console.WriteLine(await Greeting.Greet("Ada"));

            static class Greeting
            {
                [Flow(Once = "{name}")]
                public static async Task<string> Greet(string name) => await Fetch(name) + "!";

                [Step]
                static Task<string> Fetch(string name)
                {
                    Console.WriteLine("fetched");
                    return Task.FromResult("Hello " + name);
                }
            }
            """);

        var first = (await packages.Dotnet(folder, "run", "hello.cs")).With(0);
        var second = (await packages.Dotnet(folder, "run", "hello.cs")).With(0);

        Assert.Equal(["fetched", "Hello Ada!"], first.OutLines);
        Assert.Contains("Greeting.Fetch", first.Error, StringComparison.Ordinal);
        Assert.Equal(["Hello Ada!"], second.OutLines);
        Assert.Contains("was completed before", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_flow_of_a_file_based_program_is_run_by_the_command()
    {
        var folder = await packages.CreateFolderAsync("asked");
        await Write(folder, "bills.cs", $$"""
            #:package Fletcher@{{packages.Version}}
            using Fletcher;

            Console.WriteLine("the program's own statements");
            await Bills.Pay("2008-11", 1);

            static class Bills
            {
                [Flow]
                public static async Task<string> Pay(string month, int amount) => await Send($"{month}: {amount}");

                [Step]
                static Task<string> Send(string what) => Task.FromResult(what);
            }
            """);

        var ended = (await packages.Run(Repository.Tool, folder, "run", "bills.cs", "Bills.Pay", "-p", "month=2026", "-p", "amount=12")).With(0);

        Assert.Equal(["\"2026: 12\""], ended.OutLines);
        Assert.Contains("Bills.Pay completed", ended.Error, StringComparison.Ordinal);
        var refused = (await packages.Run(Repository.Tool, folder, "run", "bills.cs", "Bills.Pya")).With(2);
        Assert.Equal("FLT1516: The program 'bills.cs' has no flow 'Bills.Pya' that can be called by name. Did you mean 'Bills.Pay'? It has: Bills.Pay.", Assert.Single(refused.ErrorLines));
    }

    [Fact]
    public async Task A_file_based_program_has_runs_in_processes_of_their_own()
    {
        var folder = await packages.CreateFolderAsync("isolated");
        await Write(folder, "apart.cs", $$"""
            #:package Fletcher@{{packages.Version}}
            using Fletcher;

            Console.WriteLine(await Apart.Run(Environment.ProcessId));

            static class Apart
            {
                [Flow(Isolation = Isolation.Process, MemoryLimit = "512 MiB")]
                public static async Task<string> Run(int parent) => await Tell() == parent ? "the same" : "another";

                [Step]
                static Task<int> Tell() => Task.FromResult(Environment.ProcessId);
            }
            """);

        var ended = (await packages.Dotnet(folder, "run", "apart.cs")).With(0);

        Assert.Equal(["another"], ended.OutLines);
    }

    [Fact]
    public async Task A_library_of_flows_and_the_app_that_uses_it_both_reference_the_package()
    {
        var folder = await packages.CreateFolderAsync("pair");
        var reference = $"""<PackageReference Include="Fletcher" Version="{packages.Version}" />""";
        const string Common = "<TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable>"
            + "<TreatWarningsAsErrors>true</TreatWarningsAsErrors>";
        await Write(folder, "Flows/Flows.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>{Common}</PropertyGroup>
              <ItemGroup>{reference}</ItemGroup>
            </Project>
            """);
        await Write(folder, "Flows/Sums.cs", """
            using Fletcher;

            namespace Flows;

            public static class Sums
            {
                [Flow]
                public static async Task<int> Add(int a, int b) => await Total(a, b) + Total2(a);

                [Step]
                internal static Task<int> Total(int a, int b) => Task.FromResult(a + b);

                [Step]
                static int Total2(int a) => a * 10;

                [Step]
                public static int Half(int a) => a / 2;
            }
            """);
        await Write(folder, "App/App.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType>{Common}</PropertyGroup>
              <ItemGroup>{reference}<ProjectReference Include="../Flows/Flows.csproj" /></ItemGroup>
            </Project>
            """);
        await Write(folder, "App/Program.cs", """
            using Fletcher;
            using Flows;

            Console.WriteLine(await Program2.Run());

            static class Program2
            {
                [Flow]
                public static async Task<int> Run() => Sums.Half(await Sums.Add(4, 2)) + 1;
            }
            """);

        var ended = (await packages.Dotnet(folder, "run", "--project", "App")).With(0);

        Assert.Equal(["24"], ended.OutLines);
        Assert.All(
            (string[])["Program2.Run", "Sums.Add", "Sums.Total ", "Sums.Total2 ", "Sums.Half "],
            name => Assert.Contains(name, ended.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Flows_are_tested_with_the_package_for_tests()
    {
        var folder = await packages.CreateFolderAsync("testing");
        await Write(folder, "check.cs", $$"""
            #:package Fletcher@{{packages.Version}}
            #:package Fletcher.Testing@{{packages.Version}}
            using Fletcher;
            using Fletcher.Testing;

            await using var test = FlowTest.Start(o => o.UseSqlite());
            test.Fail("Fetch", () => new IOException("busy"), attempt: 1);
            var run = await test.RunAsync(() => Greeting.Greet("Ada"));
            Console.WriteLine($"{run.Result} {run.Step("Fetch").Attempts} {test.Time.GetUtcNow() - test.Time.Start}");
            Console.WriteLine(await FlowTest.SurvivesCrashAtEveryPoint(() => Greeting.Greet("Bob"), new() { Effects = () => null }));

            static class Greeting
            {
                [Flow]
                public static async Task<string> Greet(string name) => await Fetch(name) + "!";

                [Step(Retries = 1, Backoff = "3d")]
                static Task<string> Fetch(string name) => Task.FromResult("Hello " + name);
            }
            """);

        var ended = (await packages.Dotnet(folder, "run", "check.cs")).With(0);

        Assert.Equal("Hello Ada! 2 3.00:00:00", ended.OutLines[0]);
        Assert.Matches(@"^\d+ crashes: before and after \d+ commits, and inside 1 steps$", ended.OutLines[1]);
    }

    private static async Task Write(string folder, string name, string text)
    {
        var file = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
    }
}
