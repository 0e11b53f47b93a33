namespace Fletcher.Model.Tests.Protocol;

/// <summary>A row of messages.</summary>
internal readonly struct StoredMessage(byte[] bytes, int at)
{
    /// <summary>The message of the scenario, from 1 on: its idempotency key. 0 if there is no such row.</summary>
    internal int Key => bytes[at] & 0x7f;

    internal bool IsVisible => bytes[at] is > 0 and < 0x80;

    /// <summary>The step that took it, from 1 on; 0 if none did.</summary>
    internal ref byte TakenBy => ref bytes[at + 1];

    internal void Set(int key, bool visible) => bytes[at] = (byte)(visible ? key : key | 0x80);
}
