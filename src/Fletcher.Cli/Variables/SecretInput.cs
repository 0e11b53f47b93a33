using System.Text;

namespace Fletcher.Cli;

/// <summary>Reads the text of a secret from where nobody sees it.</summary>
internal static class SecretInput
{
    private const int Longest = 1024 * 1024;

    /// <exception cref="CommandException">There is none, it is no text in UTF-8, or the two that were typed differ.</exception>
    internal static string Read(string name)
    {
        if (Console.IsInputRedirected)
            return ReadAll(name);
        var text = Ask($"Text of the secret '{name}': ");
        return text == Ask("The same again: ") ? text : throw new CommandException("The two texts differ. Nothing was set.", ExitCode.Usage);
    }

    private static string ReadAll(string name)
    {
        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
        var buffer = new char[Longest];
        int length;
        try
        {
            length = input.ReadBlock(buffer);
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException($"What came for the secret '{name}' on standard input is no text in UTF-8. Encode bytes first, with base64 for example.", ExitCode.Usage);
        }

        var text = buffer.AsSpan(0, length);

        // What 'echo' and editors put behind every text. More than one is a part of it.
        if (text is [.., '\n'])
            text = text[..^1];
        if (text is [.., '\r'])
            text = text[..^1];
        return text.Length > 0 ? text.ToString() : throw new CommandException($"Nothing came for the secret '{name}' on standard input. Write: fletcher secrets set {name} < FILE", ExitCode.Usage);
    }

    private static string Ask(string question)
    {
        Console.Error.Write(question);
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}
