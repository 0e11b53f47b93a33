using System.Runtime.InteropServices;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Flows;

/// <summary>Results that a store keeps beside its rows: 70 to 200 thousand bytes that follow from a number.</summary>
internal static class LargeContent
{
    public static byte[] Bytes(ulong value)
    {
        var dice = new Dice(value);
        var words = new ulong[dice.Between(9_000, 25_000)];
        for (var i = 0; i < words.Length; i++)
            words[i] = dice.Next();
        return MemoryMarshal.AsBytes(words.AsSpan()).ToArray();
    }

    public static string Text(ulong value) => Convert.ToHexString(Bytes(value).AsSpan(0, 40_000));
}
