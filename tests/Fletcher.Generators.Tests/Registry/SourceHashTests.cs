using Fletcher.Generators.Tests.Driver;

namespace Fletcher.Generators.Tests.Registry;

/// <summary>When a step counts as changed.</summary>
public sealed class SourceHashTests
{
    private static readonly string? Before = Hash("[Step] static int F(int x) => x + 1;");

    [Theory]
    [InlineData("[Step] static int F(int x) => x + 2;")]
    [InlineData("[Step] static int F(int y) => y + 1;")]
    [InlineData("[Step] static long F(int x) => x + 1;")]
    [InlineData("[Step] static int F(int x) => x +1+ 1;")]
    public void Another_body_or_signature_is_another_version(string method) => Assert.NotEqual(Before, Hash(method));

    [Theory]
    [InlineData("[Step]   static int F(int x)\n => x +   1; // why")]
    [InlineData("/// <summary>New</summary>\n[Step(Retries = 3)] static int F(int x) => x + 1;")]
    [InlineData("[Step] public static int F(int x) => x + 1;")]
    [InlineData("int y; [Step] static int F(int x) => x + 1;")]
    public void Layout_comments_policy_and_visibility_are_not(string method) => Assert.Equal(Before, Hash(method));

    [Fact]
    public void A_method_without_a_body_has_none() => Assert.Null(Definitions.Step("[Step] void F();", "interface IPay").SourceHash);

    private static string? Hash(string method) => Definitions.Step("\n#pragma warning disable\n" + method, "class Billing").SourceHash;
}
