using Fletcher.Generators.Text;

namespace Fletcher.Generators.Interceptors;

/// <summary>A place where a step or flow is called, or given to <c>Flow.Map</c>.</summary>
/// <param name="Path">The file as the compiler opened it: what groups calls.</param>
/// <param name="File">The file as the program shall know it.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Interception">The arguments of the attribute that redirects the call.</param>
/// <param name="Member">The member whose body has the call.</param>
/// <param name="Method">What is called.</param>
/// <param name="Map">The <c>Flow.Map</c> that is intercepted; null for a plain call.</param>
internal sealed record CallModel(
    string Path, string File, int Line, string Interception, string Member, MethodModel Method, MapModel? Map);

/// <summary>A call of <c>Flow.Map</c> whose body is a method group.</summary>
/// <param name="Item">The type of the items.</param>
/// <param name="Result">The type of the results.</param>
/// <param name="Body">The type of the delegate.</param>
/// <param name="TypeArguments">Those of <c>Flow.Map</c>.</param>
/// <param name="CallTypeArguments">Those of the step, in brackets; empty for none.</param>
/// <param name="Target">The type of the object that the method group is bound to; null for a static one.</param>
internal sealed record MapModel(
    string Item, string Result, string Body, EquatableArray<string> TypeArguments, string CallTypeArguments, string? Target);

/// <summary>The calls of a file: what one generated file is made from.</summary>
/// <param name="HintName">The generated file's name.</param>
/// <param name="Calls">The calls, in the order of the source.</param>
internal sealed record FileModel(string HintName, EquatableArray<CallModel> Calls);
