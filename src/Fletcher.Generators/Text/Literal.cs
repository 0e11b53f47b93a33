using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Fletcher.Generators.Text;

/// <summary>Values as C# source.</summary>
internal static class Literal
{
    internal static string Of(string? text) => text is null ? "null" : SymbolDisplay.FormatLiteral(text, quote: true);

    internal static string Of(bool value) => value ? "true" : "false";

    internal static string Of(double value) => value.ToString("R", CultureInfo.InvariantCulture) + "D";

    /// <summary>A constant of a type, such as a parameter's default value.</summary>
    internal static string OfConstant(ITypeSymbol type, object? value)
    {
        var name = TypeName.Of(type);
        return value switch
        {
            null => $"default({name})",
            string text => Of(text),
            bool truth => Of(truth),
            char letter => SymbolDisplay.FormatLiteral(letter, quote: true),
            double number when double.IsNaN(number) || double.IsInfinity(number) => SpecialNumber("double", number),
            float number when float.IsNaN(number) || float.IsInfinity(number) => SpecialNumber("float", number),
            double number => Of(number),
            float number => number.ToString("R", CultureInfo.InvariantCulture) + "F",
            decimal number => number.ToString(CultureInfo.InvariantCulture) + "M",
            // The cast makes enums, small integers and nullable ones alike; the parentheses keep a minus sign from being subtraction.
            IFormattable number => $"unchecked(({name})({number.ToString(null, CultureInfo.InvariantCulture)}))",
            _ => $"default({name})",
        };
    }

    private static string SpecialNumber(string type, double number) =>
        double.IsNaN(number) ? $"{type}.NaN" : number > 0 ? $"{type}.PositiveInfinity" : $"{type}.NegativeInfinity";
}
