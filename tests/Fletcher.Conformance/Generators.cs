using CsCheck;
using Fletcher.Model;
using Microsoft.Extensions.Logging;

namespace Fletcher.Conformance;

/// <summary>Arbitrary records. Every one has ids of its own, so that one store can take all of a property's examples.</summary>
internal static class Generators
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 0, 20],
        Gen.String[Gen.OneOf(Gen.Char['\0', '\u00ff'], Gen.Char['\u3040', '\u30ff']), 0, 300],
        Gen.Const(Samples.Text));

    private static readonly Gen<string?> Maybe = Text.Null();

    // A store keeps microseconds.
    private static readonly Gen<DateTimeOffset> Instant =
        Gen.Frequency(
            (20, Gen.Long[0, DateTimeOffset.MaxValue.UtcTicks / 10].Select(us => new DateTimeOffset(us * 10, TimeSpan.Zero))),
            (1, Gen.Const(DateTimeOffset.MaxValue)));

    private static readonly Gen<DateTimeOffset?> MaybeInstant = Instant.Nullable();

    private static readonly Gen<RunId> Run = Gen.Int.Select(_ => A.RunId());

    private static readonly Gen<RunId?> MaybeRun = Gen.Bool.Select(has => has ? A.RunId() : (RunId?)null);

    private static readonly Gen<ContentHash> Hash =
        Gen.Select(Gen.ULong, Gen.ULong, (high, low) => new ContentHash(new UInt128(high, low)));

    private static readonly Gen<StoredValue?> Value = Gen.Frequency(
        (1, Gen.Const((StoredValue?)null)),
        (5, Gen.Select(Gen.Byte.Array[0, 200], Gen.Enum<ValueFormat>(), (bytes, format) => (StoredValue?)A.Value(bytes, format))),
        (1, Gen.Select(Gen.Int[0, 200_000], Gen.Int, (size, seed) => (StoredValue?)A.Value(Bytes(size, seed)))));

    private static readonly Gen<ErrorRecord> LeafError = Gen.Select(
        Text, Text, Maybe, Gen.Enum<FailureClass>(), Maybe, MaybeRun, Gen.Int[0, 100],
        (type, message, stack, kind, code, cause, sequence) => new ErrorRecord
        {
            Type = type,
            Message = message,
            StackTrace = stack,
            Class = kind,
            Code = code,
            CauseRunId = cause,
            CauseSequence = sequence,
        });

    private static readonly Gen<ErrorRecord?> Error = Gen.Select(
        Gen.Bool, LeafError, LeafError.Array[0, 3], (has, error, inner) => has ? error with { Inner = inner } : null);

    private static readonly Gen<StepCode> Step =
        Gen.Select(Text, Maybe, Maybe, Gen.Int[0, 10_000], (name, hash, file, line) => new StepCode(name, hash, file, line));

    public static Gen<FlowRunRecord> FlowRun { get; } =
        from id in Run
        from names in Gen.Select(Text, Maybe, Maybe, Maybe, Maybe)
        from state in Gen.Enum<FlowRunState>()
        from parameters in Gen.Byte.Array[0, 200]
        from hash in Hash
        from parent in MaybeRun
        from root in Gen.OneOf(Run, Gen.Const(id))
        from numbers in Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue], Gen.Long[0, long.MaxValue])
        from times in Gen.Select(Instant, MaybeInstant, MaybeInstant)
        from failures in Gen.Int[0, int.MaxValue]
        from next in MaybeInstant
        from waits in Gen.Select(MaybeInstant, Gen.Int[0, 9], Gen.Long[0, long.MaxValue], Gen.Bool, MaybeRun)
        from host in Gen.Guid.Nullable()
        from undoing in Gen.Select(Gen.Enum<FlowRunState>(), Instant, Maybe, (to, since, reason) => new UndoingRecord(to, since, reason))
        from caller in Gen.Guid.Nullable()
        from expires in MaybeInstant
        from result in Value
        from error in Error
        from tags in Text.Array[0, 4]
        select new FlowRunRecord
        {
            Id = id,
            Flow = names.Item1,
            Name = names.Item2,
            Reason = names.Item3,
            OnceKey = names.Item4,
            CodeVersion = names.Item5,
            State = state,
            Parameters = parameters,
            ParametersHash = hash,
            ParentRunId = parent,
            ParentSequence = numbers.Item1,
            RootRunId = root,
            Attempt = numbers.Item2,
            Fence = numbers.Item3,
            CreatedAt = times.Item1,
            StartedAt = times.Item2,
            EndedAt = times.Item3,
            Failures = failures,
            NextAttemptAt = next,
            WakeAt = waits.Item1,
            Crashes = waits.Item2,
            LastMessage = waits.Item3,
            Undoing = waits.Item4 ? undoing : null,
            ForkedFrom = waits.Item5,
            ExpiresAt = expires,
            HostId = host,
            CallerHostId = caller,
            Result = result,
            Error = error,
            Tags = tags,
        };

    public static Gen<StepRunRecord> StepRun { get; } =
        from id in Run
        from numbers in Gen.Select(Gen.Int[1, int.MaxValue], Gen.Int[0, int.MaxValue], Gen.Int[0, 100], Gen.Int[0, 100])
        from key in Hash
        from site in Gen.ULong
        from step in Step
        from names in Gen.Select(Maybe, Maybe)
        from state in Gen.Enum<StepRunState>()
        from times in Gen.Select(MaybeInstant, MaybeInstant, MaybeInstant)
        from inputs in Gen.Byte.Array[0, 200].Null()
        from result in Value
        from error in Error
        from child in MaybeRun
        from flags in Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool)
        from undoes in Gen.Select(MaybeRun, Gen.Byte.Array[0, 200].Null())
        select new StepRunRecord
        {
            RunId = id,
            Sequence = numbers.Item1,
            Key = new StepKey(key, numbers.Item2),
            Site = new StepSite(site, numbers.Item3),
            Step = step,
            Name = names.Item1,
            Reason = names.Item2,
            ParentSequence = numbers.Item4,
            State = state,
            Attempt = numbers.Item3,
            StartedAt = times.Item1,
            EndedAt = times.Item2,
            NextAttemptAt = times.Item3,
            Inputs = inputs,
            Result = result,
            Error = error,
            ChildRunId = child,
            AtMostOnce = flags.Item1,
            Superseded = flags.Item2,
            Discarded = flags.Item3,
            Undoes = numbers.Item3,
            UndoesRunId = undoes.Item1,
            Arguments = undoes.Item2,
        };

    public static Gen<(LogLine Log, LedgerEntry Ledger, ArtifactRecord Artifact)> Details { get; } =
        from id in Run
        from sequence in Gen.Int[0, int.MaxValue]
        from texts in Gen.Select(Text, Text, Text, Text)
        from maybes in Gen.Select(Maybe, Maybe)
        from at in Instant
        from level in Gen.Enum<LogLevel>()
        from kind in Gen.Enum<ArtifactKind>()
        select (
            new LogLine
            {
                RunId = id,
                Sequence = sequence,
                Attempt = sequence,
                At = at,
                Level = level,
                Category = texts.Item1,
                Message = texts.Item2,
            },
            new LedgerEntry
            {
                RunId = id,
                Sequence = sequence,
                At = at,
                From = maybes.Item1,
                To = texts.Item1,
                Actor = texts.Item2,
                Reason = texts.Item3,
                Next = maybes.Item2,
            },
            new ArtifactRecord
            {
                RunId = id,
                Sequence = sequence,
                Key = texts.Item3,
                Kind = kind,
                At = at,
                Content = texts.Item4,
            });

    private static byte[] Bytes(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
