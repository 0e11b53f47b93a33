using System.Security.Cryptography;
using System.Text;

namespace Fletcher.Hosting.Tests;

/// <summary>Encrypts with a key that each test has anew.</summary>
internal sealed class FakeProtector : ISecretProtector
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private int _uses;

    public string Description => "in the test";

    /// <summary>How often something was decrypted.</summary>
    internal int Uses => _uses;

    public byte[] Protect(string purpose, byte[] clear)
    {
        var bytes = new byte[NonceLength + TagLength + clear.Length];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, NonceLength));
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(bytes.AsSpan(0, NonceLength), clear, bytes.AsSpan(NonceLength + TagLength), bytes.AsSpan(NonceLength, TagLength), Encoding.UTF8.GetBytes(purpose));
        return bytes;
    }

    public byte[] Unprotect(string purpose, byte[] protectedBytes)
    {
        Interlocked.Increment(ref _uses);
        var clear = new byte[protectedBytes.Length - NonceLength - TagLength];
        using var aes = new AesGcm(_key, TagLength);
        aes.Decrypt(protectedBytes.AsSpan(0, NonceLength), protectedBytes.AsSpan(NonceLength + TagLength), protectedBytes.AsSpan(NonceLength, TagLength), clear, Encoding.UTF8.GetBytes(purpose));
        return clear;
    }
}
