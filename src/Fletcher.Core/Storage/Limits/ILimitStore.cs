using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// The part of a store that keeps limits, and who has started under them and who waits. Every method is one transaction and durable as the store's others; one that
/// cannot be done throws <see cref="StoreUnavailableException"/> and has changed nothing. All times are by the clock of the store, in whole microseconds (rounded down), one
/// reading for a transaction.
/// </summary>
/// <remarks>
/// <para><b>What is kept.</b> Definitions, by name and by who gave them (code, operator). Places (<see cref="LimitPlace"/>): each waits or has been granted, and
/// places with the same limit and key are a <i>lane</i>. Places have numbers in the order in which they were asked for; within a lane that is the order in which their
/// transactions commit. For each lane that has places, or of which something is to be remembered, a <see cref="LimitLane"/>.</para>
/// <para><b>Settling a lane.</b> Read the settings that hold (null when there are none), the lane (a new one when there is none) and the sum of
/// <see cref="LimitPlace.Taken"/> of its granted places. Call <see cref="LimitLane.Begin"/>. Then, for one waiter after the other in the order of numbers, call <see cref="LimitLane.TryStart"/>: if it
/// returns a number the place is granted now, with that as <see cref="LimitPlace.Taken"/>, which is added to the sum; otherwise stop: nobody goes past the first.
/// Call <see cref="LimitLane.Finish"/>, and forget the lane when it says so, else keep it. Whoever reads and writes a lane or its places keeps others from
/// doing so until its transaction ends.</para>
/// <para><b>Leases.</b> A place belongs to the lease (root run, fence) that it was asked under. In the same transaction in which the root's row comes to have another fence, or no host, or an
/// end, by whatever method of the store, its places are gone, granted or not; then their lanes are settled, before the transaction ends. So whoever crashes,
/// is replaced, parks, hands over or ends has no place, and nobody waits beside a free slot.</para>
/// <para><b>Due lanes.</b> Every transaction of <see cref="ExchangeAsync"/> settles up to 100 lanes whose <see cref="LimitLane.DueAt"/> has come, the longest due first.</para>
/// </remarks>
public interface ILimitStore
{
    /// <summary>
    /// Raised by this object after each of its transactions that granted places, with their ids, whoever they belong to: also when a method of <see cref="IRunStore"/> did that. For what
    /// other store objects and other processes grant it may be raised too (a server that tells its clients says the ids); nobody relies on that, see <see cref="Listen"/>. An id may be told more than
    /// once. Handlers are quick, do not throw, and do not call the store before they return.
    /// </summary>
    event Action<IReadOnlyList<Guid>>? Granted;

    /// <summary>
    /// Whether other store objects, in this process or in another one, may change what is kept here. Then a hint may be lost (see <see cref="Listen"/>), and who waits looks now and then all the
    /// same. If not, everything is told, and nobody need look.
    /// </summary>
    bool IsShared { get; }

    /// <summary>
    /// Calls when <see cref="LookAsync"/> may show something of a waiting place that <see cref="Granted"/> has not told: another store object may have granted it, or taken it
    /// away with its lease; or its lane has come to be due at another time than before.
    /// </summary>
    /// <remarks>
    /// A hint: it may come without need, and when the store <see cref="IsShared"/> it may be lost, or come before what it tells of is seen by a look that has begun already.
    /// What happened before this returned may not be told, so look once after it.
    /// </remarks>
    /// <param name="heard">Quick, does not throw, and does not call the store before it returns. Called on any thread, and several times at once.</param>
    /// <returns>Ends it. One call may still come that is under way.</returns>
    IDisposable Listen(Action heard);

    /// <summary>Keeps what code declares, in the place of what code declared before of the same names, and settles all lanes of those that changed. What nobody names stays.</summary>
    /// <remarks>What is declared already in these words is left alone: time and all.</remarks>
    /// <exception cref="ArgumentException">A name or a setting is out of its range.</exception>
    ValueTask DeclareAsync(IReadOnlyDictionary<string, LimitSettings> declared, CancellationToken cancellationToken);

    /// <summary>Sets a limit at run time, or takes back what was set so that what code declares holds again, and settles all lanes of the limit.</summary>
    /// <remarks>Before the change each lane's bucket is filled up to now by the rate that held (<see cref="LimitLane.Refill"/>). Those who have started keep their places, also when that are more than there are slots now.</remarks>
    /// <param name="name">The limit.</param>
    /// <param name="settings">What it bounds; null to take back what was set.</param>
    /// <param name="actor">Who sets it.</param>
    /// <param name="reason">Why, in one sentence; null when nobody said.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>False when nothing was set that could be taken back; else true.</returns>
    /// <exception cref="ArgumentException">The name or a setting is out of its range.</exception>
    ValueTask<bool> SetAsync(string name, LimitSettings? settings, string actor, string? reason, CancellationToken cancellationToken);

    /// <summary>All limits that are declared or set, by name (ordinal).</summary>
    ValueTask<IReadOnlyList<LimitRecord>> GetLimitsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Gives places back and asks for others, in this order and in one transaction; then settles the lanes of all of them, and those that are due. With two empty lists it does what is due.
    /// </summary>
    /// <remarks>
    /// <para>Of one that is given back after it was granted, <see cref="LimitLane.End"/> is called before the lane is settled.</para>
    /// <para>One that is asked for and is there already, by its id, is left as it is: who got no answer asks again. It is <see cref="LimitPlaceState.Gone"/> and not kept when the store does not have
    /// <see cref="LimitPlace.RootRunId"/> as a root with just this fence, a host, and no end; <see cref="LimitPlaceState.Undefined"/> and not kept when nobody defined the limit.</para>
    /// </remarks>
    /// <param name="leave">What is given back.</param>
    /// <param name="enter">What is asked for; what the store fills in is ignored.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ArgumentException">A name, key or weight is out of its range.</exception>
    ValueTask<LimitExchange> ExchangeAsync(
        IReadOnlyList<LimitLeave> leave, IReadOnlyList<LimitPlace> enter, CancellationToken cancellationToken);

    /// <summary>Looks, without a change, which of these places do not wait any more, and when a lane is due. Cheap: hosts that have waiters ask whenever they hear a hint.</summary>
    ValueTask<LimitLook> LookAsync(IReadOnlyList<Guid> places, CancellationToken cancellationToken);

    /// <summary>The lanes of a limit that the store knows, by key (ordinal), with who has started and who waits; one lane when a key is given, also if nothing is known of it.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="key">Only this key; null for all.</param>
    /// <param name="after">Only keys after this one; null for all.</param>
    /// <param name="count">How many at the most; from 1.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask<IReadOnlyList<LimitLaneRecord>> GetLanesAsync(
        string limit, string? key, string? after, int count, CancellationToken cancellationToken);

    /// <summary>The places of a family of runs, by number.</summary>
    ValueTask<IReadOnlyList<LimitPlace>> GetPlacesAsync(RunId root, CancellationToken cancellationToken);
}
