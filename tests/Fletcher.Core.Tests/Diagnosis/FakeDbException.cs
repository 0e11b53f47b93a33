using System.Data.Common;

namespace Fletcher.Core.Tests.Diagnosis;

internal sealed class FakeDbException(string message, string? sqlState = null) : DbException(message)
{
    public override string? SqlState { get; } = sqlState;
}
