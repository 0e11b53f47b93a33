using Fletcher.Generators.Text;

namespace Fletcher.Generators.Registry;

/// <summary>The definition of a flow or step, as generated code makes it.</summary>
/// <param name="Field">The name of its field.</param>
/// <param name="IsFlow">Which of the two.</param>
/// <param name="Id">Its stable name.</param>
/// <param name="Settings">Assignments of properties, ready to be written.</param>
internal sealed record DefinitionModel(string Field, bool IsFlow, string Id, EquatableArray<string> Settings)
{
    internal string Class => IsFlow ? "global::Fletcher.Runtime.FlowDefinition" : "global::Fletcher.Runtime.StepDefinition";

    internal string Creation => $"new {Class} {{ {string.Join(", ", Settings)} }}";
}

/// <summary>A definition of another assembly: looked up there, and made from its attribute if that assembly has no registry.</summary>
/// <param name="TypeOf">The operand of <c>typeof</c> for a type of that assembly.</param>
/// <param name="Fallback">What the attribute says.</param>
internal sealed record ExternalDefinition(string TypeOf, DefinitionModel Fallback);
