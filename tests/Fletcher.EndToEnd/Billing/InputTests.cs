using Fletcher.EndToEnd.Running;

namespace Fletcher.EndToEnd.Billing;

/// <summary>The sample's data is missing or not whole: it says so, and the next run with good data goes on.</summary>
public sealed class InputTests(BillingSample sample)
{
    private const string Flights = "flights-airport.csv";
    private const string Airports = "airports.csv";

    [Fact]
    public Task A_missing_file() => Check(data => File.Delete(Path.Combine(data, Flights)), Flights);

    [Fact]
    public Task An_empty_file() => Check(data => File.WriteAllText(Path.Combine(data, Flights), ""), "is empty");

    [Fact]
    public Task A_file_that_ends_in_mid_line() => Check(data =>
    {
        var file = Path.Combine(data, Flights);
        var text = File.ReadAllText(file);
        File.WriteAllText(file, text[..(text.Length / 2)].TrimEnd('\n'));
    }, "it is not complete");

    [Fact]
    public Task A_file_with_a_short_line() =>
        Check(data => File.AppendAllText(Path.Combine(data, Airports), "XYZ,Nowhere\n"), "Is the file complete?");

    [Fact]
    public Task A_file_with_other_columns() =>
        Check(data => File.WriteAllText(Path.Combine(data, Flights), "from,to,n\nABE,ATL,853\n"), "there is no column 'origin'");

    private async Task Check(Action<string> damage, string fragment)
    {
        using var data = new TemporaryFolder();
        foreach (var file in (string[])[Flights, Airports])
            File.Copy(Path.Combine(Repository.Root, "samples", "billing", "data", file), data[file]);
        damage(data.Path);
        using var billing = new BillingFolder(sample);

        billing.Environment["BILLING_DATA"] = data.Path;
        var failed = (await billing.Run()).With(1).WithoutDump();
        billing.Environment["BILLING_DATA"] = null;
        var good = (await billing.Run()).With(0);

        Assert.Contains("failed in Billing.LoadUsage", failed.Error, StringComparison.Ordinal);
        Assert.Contains(fragment, failed.Error, StringComparison.Ordinal);
        Assert.Contains("resumes, execution 2", good.Error, StringComparison.Ordinal);
        Assert.Contains("303 invoices for 7,009,728 flights", good.Out, StringComparison.Ordinal);
    }
}
