using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Fletcher.Bench;
using Fletcher.Bench.Reporting;
using Fletcher.Bench.Workloads;

if (args is ["micro", ..])
{
    var filter = args is ["micro", var asked, ..] ? asked : "*";
    BenchmarkSwitcher.FromAssembly(typeof(Arguments).Assembly)
        .Run(["--filter", filter, "--join", "--inProcess", "--maxIterationCount", "20"], DefaultConfig.Instance.WithOptions(ConfigOptions.JoinSummary));
    return 0;
}

if (args is [ChildProcess.Verb, ..])
    return await ChildProcess.RunAsync(args[1..]).ConfigureAwait(false);

if (args.Length == 0 || args is ["--help" or "-h" or "help"])
{
    Console.WriteLine(Arguments.Usage);
    return args.Length == 0 ? 2 : 0;
}

if (!Arguments.TryParse(args, out var arguments, out var mistake))
{
    await Console.Error.WriteLineAsync($"{mistake}{Environment.NewLine}{Environment.NewLine}{Arguments.Usage}").ConfigureAwait(false);
    return 2;
}

var lab = new Lab(arguments);
await using (lab.ConfigureAwait(false))
{
    await lab.StartAsync().ConfigureAwait(false);
    var report = new Report(lab.Machine);
    Console.WriteLine(lab.Machine);
    foreach (var workload in arguments.Workloads)
    {
        await Console.Error.WriteLineAsync($"{workload.Name} …").ConfigureAwait(false);
        await foreach (var row in workload.RunAsync(lab).ConfigureAwait(false))
            report.Add(row);
    }

    Console.WriteLine(report.ToText());
    if (arguments.Json is { } json)
        await File.WriteAllTextAsync(json, report.ToJson()).ConfigureAwait(false);
}

return 0;
