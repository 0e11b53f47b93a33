using Fletcher.Generators.Text;

namespace Fletcher.Generators.Registry;

/// <summary>What a call of a step tells its undo.</summary>
/// <param name="Arguments">The undo's parameters that get a value from the call.</param>
internal sealed record UndoArgumentsModel(EquatableArray<UndoArgumentModel> Arguments);

/// <summary>A parameter of an undo.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Value">The expression for it in the call of the step: an argument, the receiver or <c>result</c>.</param>
internal sealed record UndoArgumentModel(string Name, string Type, string Value);

/// <summary>How a step is undone.</summary>
/// <param name="Bind">How the undo is called from its stored arguments.</param>
/// <param name="UsesCall">Whether it wants a receiver or services.</param>
internal sealed record UndoModel(BindModel Bind, bool UsesCall);
