using Fletcher.Generators.Interceptors;
using Fletcher.Generators.Text;

namespace Fletcher.Generators.Registry;

/// <summary>How a flow is called by name.</summary>
/// <param name="Method">The flow's method.</param>
/// <param name="Arguments">An expression over <c>arguments</c> for the receiver, if any, and each parameter.</param>
/// <param name="Site">The expression that makes its call site: the place of its declaration.</param>
internal sealed record BindModel(MethodModel Method, EquatableArray<string> Arguments, string Site);
