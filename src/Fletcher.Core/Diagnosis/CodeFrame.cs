namespace Fletcher.Diagnosis;

/// <summary>A line of a stack trace, with the names that a person wrote instead of those that the compiler made.</summary>
/// <param name="Type">The type, with its namespace.</param>
/// <param name="Method">The method; <c>Main.Load</c> for a local function, <c>Main (lambda)</c> for a lambda.</param>
/// <param name="File">The source file; null when the program has no debug symbols.</param>
/// <param name="Line">The line, from 1; 0 when there is no file.</param>
public sealed record CodeFrame(string Type, string Method, string? File, int Line)
{
    /// <summary>Type and method: <c>Billing.LoadUsage</c>.</summary>
    public string Member => Type.Length == 0 ? Method : Type + "." + Method;

    /// <summary>File and line, as editors and terminals make a link of it; null when there is no file.</summary>
    public string? Location => File is null ? null : $"{File}:{Line}";
}
