using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Analyzers;

/// <summary>
/// All that the analyzers report. Each has a page in docs/analyzers. Hundreds: 0 usage, 1 repeatability, 2 serialisation,
/// 3 interception.
/// </summary>
internal static class Diagnostics
{
    private const string Usage = "Fletcher.Usage";
    private const string Repeatability = "Fletcher.Repeatability";
    private const string Serialisation = "Fletcher.Serialisation";
    private const string Interception = "Fletcher.Interception";
    private const string Pages = "https://github.com/fletcher-net/fletcher/blob/main/docs/analyzers/";

    internal static readonly DiagnosticDescriptor MethodGroup = Warning(
        "FLT0001", Usage, "A step is passed as a delegate",
        "'{0}' is passed as a delegate, and calls through it are not seen as {1}; write a lambda that calls it");

    internal static readonly DiagnosticDescriptor LocalFunction = Error(
        "FLT0002", Usage, "A local function cannot be a step",
        "'{0}' is a local function, whose calls cannot be intercepted; make it a method of a class, or use Step.Run");

    internal static readonly DiagnosticDescriptor Reference = Error(
        "FLT0003", Usage, "A step cannot have references",
        "'{0}' cannot be a {1}: {2}; take and return values");

    internal static readonly DiagnosticDescriptor Policy = Error(
        "FLT0004", Usage, "A setting of a step or flow is malformed",
        "{0} of '{1}' is wrong: {2}");

    internal static readonly DiagnosticDescriptor Template = Error(
        "FLT0005", Usage, "A template is wrong",
        "The template {0} of '{1}' is wrong: {2}");

    internal static readonly DiagnosticDescriptor StaticConstruction = Warning(
        "FLT0006", Usage, "A step is called while a type is initialised",
        "'{0}' is called from the static initialisation of '{1}', which runs once, at a time nobody chooses; call it from a method");

    internal static readonly DiagnosticDescriptor NotAwaited = Warning(
        "FLT0007", Usage, "A step is not awaited",
        "The call of '{0}' is not awaited, so its result and its failure get lost here; await it, or keep the task and await it later");

    internal static readonly DiagnosticDescriptor TargetResult = Error(
        "FLT0008", Usage, "A step with a target returns something else",
        "'{0}' has a Target but returns '{1}'; when it is skipped only the path is known, so return nothing or a string");

    internal static readonly DiagnosticDescriptor RetryIf = Error(
        "FLT0009", Usage, "RetryIf names no fitting method",
        "RetryIf of '{0}' names '{1}', but {2}");

    internal static readonly DiagnosticDescriptor ReadOnlyAtMostOnce = Warning(
        "FLT0010", Usage, "A read-only step needs no at-most-once delivery",
        "'{0}' says that it has no effects (ReadOnly) and that they must not happen twice (AtMostOnce); remove one of the two");

    internal static readonly DiagnosticDescriptor RetriesAtMostOnce = Info(
        "FLT0011", Usage, "Retries of an at-most-once step",
        "'{0}' is AtMostOnce and has Retries: after an exception it runs again, though the failed attempt may have had its effect");

    internal static readonly DiagnosticDescriptor DuplicateId = Error(
        "FLT0012", Usage, "Two steps have the same id",
        "'{0}' and '{1}' both have the id '{2}', and their runs cannot be told apart; set Id on one of them",
        WellKnownDiagnosticTags.CompilationEnd);

    internal static readonly DiagnosticDescriptor AsyncVoid = Error(
        "FLT0013", Usage, "A step is async void",
        "'{0}' is async void, so nobody knows when it ends and whether it failed; return Task");

    internal static readonly DiagnosticDescriptor StepAndFlow = Warning(
        "FLT0014", Usage, "A method is both step and flow",
        "'{0}' has both [Step] and [Flow], and counts as a flow; remove one of the two");

    internal static readonly DiagnosticDescriptor Undo = Error(
        "FLT0015", Usage, "Undo names no fitting step",
        "Undo of '{0}' names '{1}', but {2}");

    internal static readonly DiagnosticDescriptor Isolation = Error(
        "FLT0020", Usage, "A process of its own is not possible, or is missing",
        "'{0}' {1}");

    internal static readonly DiagnosticDescriptor NotRepeatable = Info(
        "FLT0101", Repeatability, "A flow reads something that differs each time",
        "'{0}' differs each time the flow's body is executed again, after a crash or a wait; use {1}");

    internal static readonly DiagnosticDescriptor Result = Warning(
        "FLT0201", Serialisation, "A result cannot be stored",
        "'{0}' returns '{1}', which cannot be stored: {2}; return plain data");

    internal static readonly DiagnosticDescriptor Parameter = Warning(
        "FLT0202", Serialisation, "A parameter cannot be stored",
        "'{0}' of '{1}' cannot be stored: {2}; take plain data, or mark it [NotInput] if it does not decide what is done");

    internal static readonly DiagnosticDescriptor BaseCall = Warning(
        "FLT0301", Interception, "A step is called through base",
        "'base.{0}' is called without Fletcher, because its replacement could only call the override; move its body into a method of its own and make that the {1}");

    internal static readonly DiagnosticDescriptor Unreachable = Warning(
        "FLT0302", Interception, "A step is out of reach of generated code",
        "'{0}' is called without Fletcher, because {1}");

    internal static readonly DiagnosticDescriptor ExpressionTree = Warning(
        "FLT0303", Interception, "A step is called in an expression tree",
        "'{0}' is called in an expression tree, which is read and not run, so Fletcher does not see the call; call it outside");

    internal static readonly ImmutableArray<DiagnosticDescriptor> All =
    [
        MethodGroup, LocalFunction, Reference, Policy, Template, StaticConstruction, NotAwaited, TargetResult, RetryIf,
        ReadOnlyAtMostOnce, RetriesAtMostOnce, DuplicateId, AsyncVoid, StepAndFlow, Undo, Isolation,
        NotRepeatable,
        Result, Parameter,
        BaseCall, Unreachable, ExpressionTree,
    ];

    private static DiagnosticDescriptor Error(string id, string category, string title, string message, params string[] tags) =>
        new(id, title, message, category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + id + ".md", customTags: tags);

    private static DiagnosticDescriptor Warning(string id, string category, string title, string message) =>
        new(id, title, message, category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + id + ".md");

    private static DiagnosticDescriptor Info(string id, string category, string title, string message) =>
        new(id, title, message, category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Pages + id + ".md");
}
