namespace Fletcher.Generators.Interceptors;

/// <summary>Why a call is left alone.</summary>
/// <param name="Reason">The part of a sentence behind "because".</param>
/// <param name="IsOfDeclaration">Whether the method itself is at fault; then it is reported there and not at each call.</param>
internal sealed record Obstacle(string Reason, bool IsOfDeclaration = false);
