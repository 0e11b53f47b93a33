using System.Net;
using Fletcher.EndToEnd.Running;
using Fletcher.Model;
using Fletcher.Storage.Sqlite;

namespace Fletcher.EndToEnd.Service;

/// <summary>samples/service: the service, its unit and its image's recipe.</summary>
public sealed class ServiceTests(ServiceSample sample) : IDisposable
{
    private static readonly string[] Instructions = ["ARG", "FROM", "WORKDIR", "COPY", "RUN", "VOLUME", "ENV", "EXPOSE", "USER", "STOPSIGNAL", "ENTRYPOINT"];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task It_tells_systemd_that_it_is_ready_does_its_work_in_processes_of_their_own_and_stops_in_good_order()
    {
        await using var service = new RunningService(await sample.GetProgramAsync(), _folder);
        var address = await service.GetAddressAsync();
        Assert.Equal("READY=1", await service.NextNoteAsync());

        Assert.Equal((HttpStatusCode.OK, "Healthy"), await Get(service, new Uri(address, "/health/live")));
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await Get(service, new Uri(address, "/health/ready")));
        using var accepted = await service.Http.PostAsync(new Uri(address, "/reports/may"), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = RunId.Parse((await accepted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Trim(), null);
        var run = await End(id);

        Assert.Equal((FlowRunState.Completed, 0), (run.State, run.Crashes));
        Assert.Equal("Report may", (await File.ReadAllLinesAsync(_folder[Path.Combine("reports", "may.txt")], TestContext.Current.CancellationToken))[0]);
        Assert.Equal(0, await service.StopAsync());
        Assert.Equal("STOPPING=1", await service.NextNoteAsync());
    }

    [Fact]
    public async Task Its_unit_is_one_that_systemd_takes()
    {
        Assert.SkipUnless(Programs("systemd-analyze").Any(), "There is no systemd-analyze on this machine.");
        var unit = await File.ReadAllTextAsync(Path.Combine(ServiceSample.Source, "fletcher-reports.service"), TestContext.Current.CancellationToken);
        Assert.Contains("ExecStart=/opt/fletcher-reports/service ", unit, StringComparison.Ordinal);
        var file = _folder["fletcher-reports.service"];

        // It looks whether there is such a program.
        await File.WriteAllTextAsync(file, unit.Replace("/opt/fletcher-reports/service ", "/bin/true ", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var verified = await Start.Program("systemd-analyze", ["verify", "--man=no", file], new Dictionary<string, string?>());

        Assert.Equal("", verified.With(0).Error + verified.Out);

        // And that it finds what is wrong.
        await File.WriteAllTextAsync(file, unit, TestContext.Current.CancellationToken);
        Assert.Contains("fletcher-reports", (await Start.Program("systemd-analyze", ["verify", "--man=no", file], new Dictionary<string, string?>())).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_times_to_stop_contain_each_other()
    {
        var unit = await File.ReadAllLinesAsync(Path.Combine(ServiceSample.Source, "fletcher-reports.service"), TestContext.Current.CancellationToken);
        var program = await File.ReadAllTextAsync(Path.Combine(ServiceSample.Source, "service.cs"), TestContext.Current.CancellationToken);
        var kubernetes = await File.ReadAllTextAsync(Path.Combine(ServiceSample.Source, "kubernetes.yaml"), TestContext.Current.CancellationToken);

        Assert.Contains("ShutdownGrace = TimeSpan.FromSeconds(15)", program, StringComparison.Ordinal);
        Assert.Contains("ShutdownTimeout = TimeSpan.FromSeconds(25)", program, StringComparison.Ordinal);
        Assert.Contains("TimeoutStopSec=40", unit);
        Assert.Contains("terminationGracePeriodSeconds: 40", kubernetes, StringComparison.Ordinal);
    }

    /// <summary>There is no engine for containers here, so this is all that is tried of it, besides its command to publish.</summary>
    [Fact]
    public async Task Its_image_has_a_recipe_in_good_form()
    {
        var lines = (await File.ReadAllLinesAsync(Path.Combine(ServiceSample.Source, "Containerfile"), TestContext.Current.CancellationToken))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', 2))
            .ToList();

        Assert.All(lines, line => Assert.Contains(line[0], Instructions));
        Assert.Equal("ARG", lines[0][0]); // what FROM names must be known before it
        Assert.Equal(["${REGISTRY}/dotnet/sdk:10.0 AS build", "${REGISTRY}/dotnet/aspnet:10.0"], lines.Where(line => line[0] == "FROM").Select(line => line[1]));
        Assert.Equal("""["/app/service"]""", lines.Single(line => line[0] == "ENTRYPOINT")[1]); // no shell in between, which would get the signal
        Assert.All(lines.Where(line => line[0] == "COPY" && line[1].Contains("--from", StringComparison.Ordinal)), line => Assert.StartsWith("--from=build ", line[1], StringComparison.Ordinal));
        Assert.True(lines.FindIndex(line => line[0] == "USER") > lines.FindLastIndex(line => line[0] == "RUN"));
        Assert.True(File.Exists(await sample.GetProgramAsync()));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Programs(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)).Where(File.Exists);

    private static async Task<(HttpStatusCode Status, string Text)> Get(RunningService service, Uri address)
    {
        // On a busy machine the host may just be late with a look.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var answer = await service.Http.GetAsync(address, limit.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
                return (answer.StatusCode, await answer.Content.ReadAsStringAsync(limit.Token));
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }

    private async Task<FlowRunRecord> End(RunId run)
    {
        await using var store = new SqliteStore(_folder["runs.db"]);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (await store.GetFlowRunAsync(run, limit.Token) is { EndedAt: not null } ended)
                return ended;
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }
}
