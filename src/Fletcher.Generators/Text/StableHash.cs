using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fletcher.Generators.Text;

/// <summary>Hashes that are the same in every build, on every machine.</summary>
internal static class StableHash
{
    /// <summary>The first 64 bits of the SHA-256 of the parts.</summary>
    internal static ulong Of(params string[] parts)
    {
        using var sha = SHA256.Create();
        // The separator keeps ("ab", "c") apart from ("a", "bc").
        var bytes = sha.ComputeHash(Encoding.UTF8.GetBytes(string.Join("\0", parts)));
        var hash = 0UL;
        for (var i = 0; i < 8; i++)
            hash = (hash << 8) | bytes[i];
        return hash;
    }

    /// <summary>The same in 16 hexadecimal digits; fit for an identifier's end.</summary>
    internal static string Text(params string[] parts) => Of(parts).ToString("x16", CultureInfo.InvariantCulture);
}
