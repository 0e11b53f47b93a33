using System.Globalization;
using System.Text;

namespace Fletcher.Generators.Registry;

/// <summary>Values as JSON. The generator writes it by hand: a serialiser would be one more assembly to load into the compiler.</summary>
internal static class JsonText
{
    internal static string Of(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                json.Append('\\').Append(c);
            else if (c < ' ')
                json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                json.Append(c);
        }

        return json.Append('"').ToString();
    }

    /// <summary>A constant; null for one that JSON has no word for.</summary>
    internal static string? OfConstant(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        string text => Of(text),
        char letter => Of(letter.ToString()),
        double number when double.IsNaN(number) || double.IsInfinity(number) => null,
        float number when float.IsNaN(number) || float.IsInfinity(number) => null,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };
}
