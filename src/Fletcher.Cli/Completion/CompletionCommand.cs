using System.CommandLine;

namespace Fletcher.Cli;

/// <summary>Writes the script that makes a shell complete this command.</summary>
internal sealed class CompletionCommand : ToolCommand
{
    private const string Bash = """
        _fletcher() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(fletcher complete "$COMP_POINT" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _fletcher fletcher

        """;

    private const string Zsh = """
        #compdef fletcher
        _fletcher() {
            local -a found
            found=("${(@f)$(fletcher complete "$CURSOR" "$BUFFER" 2>/dev/null)}")
            compadd -a found
            [[ ${#found} -gt 1 || -n ${found[1]} ]] || _files
        }
        compdef _fletcher fletcher

        """;

    private const string Fish = """
        function __fletcher_complete
            set -l line (commandline -cp)
            fletcher complete (string length -- "$line") "$line" 2>/dev/null
        end
        complete -c fletcher -a '(__fletcher_complete)'

        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName fletcher -ScriptBlock {
            param($word, $line, $position)
            fletcher complete $position "$line" 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }

        """;

    private readonly Argument<string> _shell;

    internal CompletionCommand()
        : base(
            "completion", "Writes the script that makes a shell complete this command.",
            "completion bash >> ~/.bashrc",
            "completion zsh > ~/.zfunc/_fletcher",
            "completion fish > ~/.config/fish/completions/fletcher.fish",
            "completion pwsh >> $PROFILE")
    {
        _shell = Argument("shell", "bash, zsh, fish or pwsh.");
        _shell.CompletionSources.Add(_ => ["bash", "zsh", "fish", "pwsh"]);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        var shell = arguments.GetRequiredValue(_shell);
        var script = shell switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            "pwsh" or "powershell" => PowerShell,
            _ => throw new CommandException($"'{shell}' is no shell that can be completed here. There are: bash, zsh, fish, pwsh.", ExitCode.Usage),
        };
        Printer.Of(arguments).WriteRaw(script);
        return ExitCode.Ok;
    }
}
