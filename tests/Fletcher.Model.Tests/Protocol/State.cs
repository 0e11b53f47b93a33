namespace Fletcher.Model.Tests.Protocol;

/// <summary>
/// Everything: the store's rows, the memory of each host, and what is left of the troubles. It lies in one array of bytes, so
/// that equal states are equal arrays; the properties here and in the parts give the bytes their names.
/// </summary>
internal readonly struct State(Layout layout, byte[] bytes)
{
    internal Layout Layout => layout;

    internal byte[] Bytes => bytes;

    internal ref byte Crashes => ref bytes[0];

    internal ref byte WrongDeaths => ref bytes[1];

    internal ref byte Doubts => ref bytes[2];

    internal ref byte Asks => ref bytes[3];

    internal ref byte HandOvers => ref bytes[4];

    internal ref byte Resends => ref bytes[5];

    internal ref byte TimedParks => ref bytes[6];

    /// <summary>A message by its number; numbers begin with 1 and grow.</summary>
    internal StoredMessage Message(int number) => new(bytes, Layout.MessageAt(number));

    internal StoredRun Run(int run) => new(bytes, layout.RunAt(run));

    internal HostMemory Host(int host) => new(layout, bytes, host);

    /// <summary>The greatest number of a message that can be read; 0 if there is none.</summary>
    internal int LastMessage
    {
        get
        {
            var number = layout.Messages;
            while (number > 0 && !Message(number).IsVisible)
                number--;
            return number;
        }
    }

    internal State Copy() => new(layout, bytes.AsSpan().ToArray());
}
