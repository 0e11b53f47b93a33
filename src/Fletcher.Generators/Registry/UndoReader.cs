using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Registry;

/// <summary>Reads how a step is undone. An Undo that fits nothing counts as absent: an analyzer reports it.</summary>
internal static class UndoReader
{
    /// <summary>What a call of the step tells its undo; null when it has none.</summary>
    internal static UndoArgumentsModel? ReadArguments(Marked step, Reach reach)
    {
        if (Find(step, reach) is not { } fit)
            return null;
        var arguments = new List<UndoArgumentModel>();
        var undo = fit.Undo.Method;
        if (!undo.IsStatic && ParameterRoles.IsReceiverInput(undo.ContainingType))
            arguments.Add(new UndoArgumentModel("this", TypeName.Of(undo.ContainingType), "self"));
        for (var i = 0; i < undo.Parameters.Length; i++)
        {
            var (source, index) = fit.Sources[i];
            var value = source == UndoSource.Parameter ? "a" + index : source == UndoSource.Result ? "result" : null;
            if (value is null)
                continue;

            // A sequence is given as the list that was read of it; what the undo wants to see it as is its own affair.
            var isSequence = source == UndoSource.Result && ReturnShape.Of(step.Declaration).Kind == ReturnKind.Sequence;
            var type = isSequence
                ? $"global::System.Collections.Generic.List<{TypeName.Of(ReturnShape.Of(step.Declaration).Result!)}>"
                : TypeName.Of(undo.Parameters[i].Type);
            arguments.Add(new UndoArgumentModel(undo.Parameters[i].Name, type, value + "!"));
        }

        return new UndoArgumentsModel(arguments.ToEquatableArray());
    }

    /// <summary>How the step's undo is called; null when it has none.</summary>
    internal static UndoModel? Read(Marked step, Compilation compilation, Reach reach, string file, int line)
    {
        if (Find(step, reach) is not { } fit || BindReader.Read(fit.Undo, compilation, file, line) is not { } bind)
            return null;
        var usesCall = bind.Method.Receiver is { IsInput: false } || bind.Method.Parameters.Any(p => p.Role == ParameterRole.Service);
        return new UndoModel(bind, usesCall);
    }

    private static UndoFit? Find(Marked step, Reach reach) =>
        !step.IsFlow && UndoMatch.Name(step.Attribute) is { } name ? UndoMatch.Find(step, name, reach, out _) : null;
}
