namespace Fletcher.Storage.PostgreSql;

/// <summary>A key of a start.</summary>
/// <param name="Hash">Of the flow, the kind and the key.</param>
/// <param name="FlowId">The number of the flow.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Key">The key.</param>
internal readonly record struct StartKey(Guid Hash, int FlowId, StartKeyKind Kind, string Key);
