using System.Reflection;
using Fletcher.Generators.Interceptors;
using Fletcher.Generators.Registry;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Tests.Incrementality;

/// <summary>The models that live in the generator's cache are plain values: a symbol in one would keep a whole compilation alive.</summary>
public sealed class PipelineModelTests
{
    [Theory]
    [InlineData(typeof(FileModel))]
    [InlineData(typeof(DeclaredModel))]
    [InlineData(typeof(AssemblyModel))]
    public void No_model_holds_a_type_of_the_compiler(Type root)
    {
        var seen = new HashSet<Type>();
        var open = new Queue<Type>([root]);
        while (open.TryDequeue(out var type))
        {
            if (!seen.Add(type))
                continue;
            Assert.False(type.Assembly == typeof(ISymbol).Assembly || type.Namespace!.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal), $"{root.Name} holds a {type}");
            foreach (var argument in type.GetGenericArguments())
                open.Enqueue(argument);
            if (type.Assembly != typeof(FletcherGenerator).Assembly || type.Name.StartsWith("EquatableArray", StringComparison.Ordinal))
                continue;
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            {
                Assert.False(field.FieldType.IsArray, $"{type.Name}.{field.Name} is an array, which does not compare by value");
                open.Enqueue(field.FieldType);
            }
        }

        Assert.Contains(typeof(string), seen);
    }
}
