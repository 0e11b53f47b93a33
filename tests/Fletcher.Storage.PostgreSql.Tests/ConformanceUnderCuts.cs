using System.Globalization;
using System.Reflection;
using Fletcher.Conformance;
using Fletcher.PostgreSqlServer;
using Npgsql;

namespace Fletcher.Storage.PostgreSql.Tests;

/// <summary>
/// What a store must do, while its connections are cut at random: every day the races, with FLETCHER_TEST_LONG=1 all that is a fact.
/// FLETCHER_TEST_SEED gives another seed.
/// </summary>
public sealed class ConformanceUnderCuts(ServerFixture server)
{
    // Of each piece that goes either way: a round trip is two.
    private const double Probability = 0.01;

    private static readonly string[] EveryDay =
    [
        "Of_many_that_claim_what_is_due_each_gets_others",
        "Of_many_that_replace_and_claim_the_same_run_exactly_one_does",
        "Of_many_messages_with_the_same_key_exactly_one_is_kept",
        "A_reader_of_messages_misses_none_while_they_are_sent",
        "A_message_that_is_sent_while_its_run_begins_to_wait_wakes_it",
        "Who_lost_a_run_writes_nothing_after_its_successor_has_it",
        "Readers_see_whole_batches_while_batches_are_written",
        "Claims_and_hosts_may_be_written_beside_batches",
        "The_ledger_is_in_the_order_of_writing",
        "Of_many_that_start_with_the_same_key_exactly_one_does",
    ];

    public static TheoryData<string> Tests
    {
        get
        {
            // Named, so that none of them is lost when it is renamed.
            var all = typeof(RunStoreConformance).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null and not TheoryAttribute)
                .Select(method => method.Name).ToList();
            Assert.Empty(EveryDay.Except(all));
            return [.. Environment.GetEnvironmentVariable("FLETCHER_TEST_LONG") == "1" ? all : EveryDay.AsEnumerable()];
        }
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task The_store_does_what_it_must(string test)
    {
        server.Require();
        var seed = int.Parse(Environment.GetEnvironmentVariable("FLETCHER_TEST_SEED") ?? "1", CultureInfo.InvariantCulture);
        await using var suite = new CutSuite(server);
        await suite.InitializeAsync();
        suite.Proxy.CutAtRandom(seed, Probability);

        var result = typeof(RunStoreConformance).GetMethod(test)!.Invoke(suite, []);
        if (result is Task task)
            await task;
    }

    /// <summary>The suite on a store behind a proxy. Not public, so that it is run only through the test above.</summary>
    private sealed class CutSuite : RunStoreConformance
    {
        private readonly ServerFixture _server;
        private readonly string _schema;
        private readonly NpgsqlConnectionStringBuilder _address;

        public CutSuite(ServerFixture server)
        {
            _server = server;
            _schema = server.EmptySchema();
            _address = new NpgsqlConnectionStringBuilder(server.ConnectionString);
            Proxy = new CuttingProxy(_address.Port);
            _address.Host = "127.0.0.1";
            _address.Port = Proxy.Port;
            _address.SslMode = SslMode.Disable;
        }

        public CuttingProxy Proxy { get; }

        protected override IRunStore CreateStore() => new PostgreSqlStore(new PostgreSqlStoreOptions
        {
            ConnectionString = _address.ConnectionString,
            Schema = _schema,
            TimeProvider = Clock,
        });

        protected override IRunStore CreateSecondStore() => CreateStore();

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Proxy.DisposeAsync();
            await _server.GiveBackAsync(_schema);
        }
    }
}
