using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Fletcher.Architecture.Tests;

/// <summary>Static state is what the section "Static state" of docs/architecture.md lists.</summary>
public sealed class StateTests
{
    private static readonly string[] Known =
    [
        "Ambient.Local",            // what the calling code runs inside of
        "AmbientHost._host",        // the host of a program that made none
        "AmbientHost.Gate",
        "ConsoleCapture._installed",
        "InputRecorder._pooled",    // a buffer for each thread
        "SecretMask.Gate",
        "SecretMask._texts",        // the secrets that were revealed in this process
        "ValueCodec._pooled",
    ];

    [Fact]
    public void The_core_has_no_other_static_state()
    {
        var found = House.Core.GetTypes()
            .Where(type => !IsGenerated(type))
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => !field.IsLiteral && !IsGenerated(field) && (!field.IsInitOnly || CanChange(field.FieldType)))
            .Select(field => $"{Name(field.DeclaringType!)}.{field.Name}")
            .Order(StringComparer.Ordinal)
            .ToList();

        Assert.Equal(Known.Order(StringComparer.Ordinal), found);
    }

    private static bool CanChange(Type type) =>
        type == typeof(Lock)
        || (type.IsGenericType && type.GetGenericTypeDefinition() is { } definition
            && (definition == typeof(AsyncLocal<>) || definition == typeof(ThreadLocal<>) || definition == typeof(ConditionalWeakTable<,>)))
        || type.Namespace == "System.Collections.Concurrent"
        || (typeof(IDictionary).IsAssignableFrom(type) && !(type.Namespace?.StartsWith("System.Collections.Frozen", StringComparison.Ordinal) ?? false))
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>));

    private static bool IsGenerated(MemberInfo member) =>
        member.Name.StartsWith('<') || member.IsDefined(typeof(CompilerGeneratedAttribute), false)
        || (member as Type ?? member.DeclaringType) is { } type && type.FullName!.Contains("System.Text.RegularExpressions.Generated", StringComparison.Ordinal)
        || (member.DeclaringType is { } outer && IsGenerated(outer));

    private static string Name(Type type) => type.Name.Split('`')[0];
}
