using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>A command with examples, which its help shows.</summary>
internal class ToolCommand : Command
{
    /// <summary>Makes one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does, in a sentence or a few.</param>
    /// <param name="examples">Command lines without the program's name, at least one; behind a <c>#</c> what it does.</param>
    protected ToolCommand(string name, string description, params string[] examples)
        : base(name, FirstSentence(description))
    {
        Details = description[Description!.Length..].Trim();
        Examples = examples;
    }

    /// <summary>What the description says behind its first sentence, which lists show alone.</summary>
    internal string Details { get; }

    internal IReadOnlyList<string> Examples { get; }

    /// <summary>Adds an option.</summary>
    protected Option<T> Option<T>(string name, string description, string? value = null, params string[] aliases)
    {
        var option = new Option<T>(name, aliases) { Description = description };
        if (value is not null)
            option.HelpName = value;
        Options.Add(option);
        return option;
    }

    /// <summary>Adds an option that may be given several times.</summary>
    protected Option<string[]> ManyOption(string name, string description, string value, params string[] aliases)
    {
        var option = Option<string[]>(name, description, value, aliases);
        option.Arity = ArgumentArity.OneOrMore;
        return option;
    }

    /// <summary>Adds an argument that must be given.</summary>
    protected Argument<string> Argument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        Arguments.Add(argument);
        return argument;
    }

    /// <summary>Adds the argument that names a deployment.</summary>
    protected Argument<string> DeploymentArgument() => Argument("deployment", "The deployment's name, as 'fletcher deployments' lists it.").CompletedWith(StoreNames.Deployments);

    /// <summary>Adds an option that says how many.</summary>
    protected Option<int> CountOption(string name, string description, int without)
    {
        var option = Option<int>(name, $"{description} Default: {without}.", "n");
        option.DefaultValueFactory = _ => without;
        option.TakeCounts();
        return option;
    }

    private static string FirstSentence(string text)
    {
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }

    /// <summary>Adds an argument that may be left out.</summary>
    protected Argument<string?> OptionalArgument(string name, string description)
    {
        var argument = new Argument<string?>(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(argument);
        return argument;
    }
}
