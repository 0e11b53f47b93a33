using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Analyzers;

/// <summary>Types that are handles to something alive, and not data.</summary>
internal static class UnstorableTypes
{
    private static readonly string[] Live =
    [
        "System.IO.Stream", "System.IO.TextReader", "System.IO.TextWriter", "System.Data.Common.DbConnection", "System.Data.Common.DbCommand",
        "System.Data.Common.DbDataReader", "System.Data.Common.DbTransaction", "System.Net.Http.HttpClient", "System.Net.Http.HttpContent",
        "System.Net.Http.HttpResponseMessage", "System.Net.Http.HttpRequestMessage", "System.Threading.Thread", "System.Threading.WaitHandle",
        "System.Diagnostics.Process", "System.Net.Sockets.Socket", "System.Threading.CancellationTokenSource",
    ];

    private static readonly string[] Code =
        ["System.Type", "System.Reflection.MemberInfo", "System.Reflection.Assembly", "System.Reflection.ParameterInfo", "System.Linq.Expressions.Expression"];

    /// <summary>Why values of a type cannot be stored; null when that is not known.</summary>
    internal static string? Reason(ITypeSymbol type)
    {
        var name = TypeName.ForPeople(type);
        if (type.TypeKind == TypeKind.Delegate)
            return $"'{name}' is a delegate, and code cannot be stored";
        if (type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr)
            return $"'{name}' is an address, which means nothing in another process";
        for (var at = type; at is not null; at = at.BaseType)
        {
            var full = at.OriginalDefinition.ToDisplayString();
            if (full is "System.Threading.Tasks.Task" or "System.Threading.Tasks.ValueTask" or "System.Threading.Tasks.ValueTask<TResult>")
                return $"'{name}' is work that goes on, and not its result; await it";
            if (Live.Contains(full))
                return $"'{name}' is a handle to something that ends with the process";
            if (Code.Contains(full))
                return $"'{name}' is code and not data";
            if (full == "System.Exception")
                return $"'{name}' is an exception; throw it, or return its message";
        }

        return type.OriginalDefinition.ToDisplayString() switch
        {
            "System.Threading.CancellationToken" => $"'{name}' is a handle to something that ends with the process",
            "System.Collections.Generic.IAsyncEnumerable<T>" or "System.Collections.Generic.IAsyncEnumerator<T>"
                or "System.Collections.Generic.IEnumerator<T>" or "System.Collections.IEnumerator" =>
                $"'{name}' is a sequence that is yet to be read; return a list",
            _ => null,
        };
    }
}
