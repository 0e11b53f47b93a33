namespace Fletcher.Model.Tests.Exploring;

/// <summary>What happened: <see cref="Text"/> says it with the host, the run and the item filled in for {0}, {1} and {2}.</summary>
internal readonly record struct Move(string Text, int Host = 0, int Run = 0, int Item = 0)
{
    public override string ToString() =>
        string.Format(System.Globalization.CultureInfo.InvariantCulture, Text, (char)('A' + Host), Run, Item);
}
