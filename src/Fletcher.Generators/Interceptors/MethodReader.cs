using Fletcher.Generators.Registry;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Templates;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Interceptors;

/// <summary>Reads a step or flow method into its model, or says why generated code cannot call it.</summary>
internal sealed class MethodReader(Compilation compilation)
{
    private readonly Reach _reach = new(compilation);

    internal MethodModel? Read(Marked marked, out Obstacle? obstacle)
    {
        var method = marked.Method;
        obstacle = MethodObstacles.Find(method, _reach);
        if (obstacle is not null)
            return null;

        var declared = marked.Declaration;
        var shape = ReturnShape.Of(method);
        var type = method.ContainingType;
        return new MethodModel
        {
            Key = MethodId.Key(method),
            DefinitionField = MethodId.Field(declared),
            External = External(marked),
            IsFlow = marked.IsFlow,
            Name = "@" + method.Name,
            Type = TypeName.Of(type),
            Receiver = method.IsStatic ? null : Receiver(method, type),
            IsExtension = method.IsExtensionMethod,
            Return = shape.Kind,
            Result = shape.Result is { } result ? TypeName.Of(result) : "global::Fletcher.Nothing",
            ReturnType = TypeName.Of(method.ReturnType),
            IsLazy = shape.IsLazy,
            Parameters = method.Parameters
                .Select((p, i) => new ParameterModel(declared.Parameters[i].Name, TypeName.Of(p.Type), ParameterRoles.Of(declared.Parameters[i])))
                .ToEquatableArray(),
            TypeParameters = TypeParameters.Read(method),
            Accessor = _reach.CanCall(method) ? null : Accessor(method),
            Undo = UndoReader.ReadArguments(marked, _reach),
            Renders = Renders(marked).ToEquatableArray(),
        };
    }

    private static ReceiverModel Receiver(IMethodSymbol method, INamedTypeSymbol type)
    {
        var by = type.TypeKind != TypeKind.Struct ? "" : method.IsReadOnly || type.IsReadOnly ? "in " : "ref ";
        return new ReceiverModel(TypeName.Of(type), by, ParameterRoles.IsReceiverInput(type));
    }

    private ExternalDefinition? External(Marked marked)
    {
        var type = marked.Declaration.ContainingType;
        if (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly))
            return null;
        return new ExternalDefinition(TypeName.Unbound(type), DefinitionReader.ReadPolicy(marked, _reach));
    }

    private AccessorModel Accessor(IMethodSymbol method)
    {
        var type = method.ContainingType;
        if (!type.IsStatic && _reach.Obstacle(type) is null)
            return new AccessorModel(TypeName.NotNull(type), null);
        var count = TypeParameters.OfType(type).Count;
        var arguments = count == 0 ? "" : $"[{string.Join(",", Enumerable.Range(0, count).Select(i => $"[!{i}]"))}]";
        return new AccessorModel("object", TypeName.ForReflection(type, arguments));
    }

    private IEnumerable<RenderModel> Renders(Marked marked)
    {
        var compiler = new TemplateCompiler(marked.Declaration, _reach);
        foreach (var (setting, method) in TemplateSettings.All)
        {
            if (TemplateSettings.Text(marked.Attribute, setting) is { } text
                // A wrong template counts as absent: it is reported where it is written.
                && compiler.Compile(text, out _) is { } expression)
                yield return new RenderModel(method, expression);
        }
    }
}
