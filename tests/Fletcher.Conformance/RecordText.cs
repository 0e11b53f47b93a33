using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>
/// A record as text with every property that it has, found by reflection: a property that is added to the model and
/// forgotten in a store makes the round-trip tests fail. Stored values are read through the store, wherever they are.
/// </summary>
internal static class RecordText
{
    public static async Task<string> OfAsync(object? record, IRunStore store, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        await WriteAsync(text, record, 0, store, cancellationToken);
        return text.ToString();
    }

    private static async Task WriteAsync(StringBuilder text, object? value, int depth, IRunStore store, CancellationToken ct)
    {
        switch (value)
        {
            case null:
                text.AppendLine("null");
                return;
            case string s:
                text.Append('"').Append(s).AppendLine("\"");
                return;
            case byte[] bytes:
                text.AppendLine(CultureInfo.InvariantCulture, $"{bytes.Length} bytes {ContentHash.Of(bytes)}");
                return;
            case DateTimeOffset at:
                text.AppendLine(at.ToString("O", CultureInfo.InvariantCulture));
                return;
            case IFormattable or bool:
                text.AppendLine(Convert.ToString(value, CultureInfo.InvariantCulture));
                return;
            case StoredValue stored:
                var content = (await store.ReadValueAsync(stored, ct)).ToArray();
                text.AppendLine(CultureInfo.InvariantCulture, $"{stored.Format} {stored.Length} {stored.Hash}");
                Assert.Equal(stored.Hash, ContentHash.Of(content));
                Assert.Equal(stored.Length, content.Length);
                return;
            case IEnumerable items:
                text.AppendLine("[");
                foreach (var item in items)
                    await WriteAsync(text.Append(' ', depth), item, depth + 2, store, ct);
                text.Append(' ', depth).AppendLine("]");
                return;
            default:
                text.AppendLine(value.GetType().Name);
                foreach (var property in value.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public))
                {
                    if (property.GetIndexParameters().Length > 0)
                        continue;
                    text.Append(' ', depth).Append(property.Name).Append(": ");
                    await WriteAsync(text, property.GetValue(value), depth + 2, store, ct);
                }

                return;
        }
    }
}
