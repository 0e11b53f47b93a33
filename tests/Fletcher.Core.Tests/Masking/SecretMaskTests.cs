using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace Fletcher.Masking.Tests;

/// <summary>Secrets are taken out of texts, in whatever common form they come.</summary>
public sealed class SecretMaskTests
{
    private const string Secret = "p/ß+\"ä=&<k\\9~Z";

    private static MaskedTexts Texts(params string[] secrets) => new([.. secrets.SelectMany(SecretForms.Of).Distinct()]);

    private static string Mask(string text, params string[] secrets) => Texts(secrets).Replace(text) ?? text;

    public static TheoryData<string> Forms => new(
        Secret,
        Uri.EscapeDataString(Secret),
        Uri.EscapeDataString(Secret).ToLowerInvariant().Replace("k", "k", StringComparison.Ordinal).Replace("z", "Z", StringComparison.Ordinal),
        WebUtility.UrlEncode(Secret),
        new Uri($"http://h/?{Uri.EscapeDataString(Secret)}").ToString()[10..],
        WebUtility.HtmlEncode(Secret),
        JsonSerializer.Serialize(Secret)[1..^1],
        JsonEncodedText.Encode(Secret).ToString().Replace("\\u00DF", "\\u00df", StringComparison.Ordinal).Replace("\\u00E4", "\\u00e4", StringComparison.Ordinal).Replace("002B", "002b", StringComparison.Ordinal).Replace("003C", "003c", StringComparison.Ordinal),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)),
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Secret)));

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_secret_is_masked_in_every_common_form(string form) =>
        Assert.Equal("before *** behind", Mask($"before {form} behind", Secret));

    [Theory]
    [InlineData("u")]
    [InlineData("us")]
    [InlineData("usr")]
    [InlineData("user")]
    public void A_secret_inside_a_base64_text_is_masked(string user)
    {
        const string secret = "correct horse";
        foreach (var behind in (string[])["", "!", "!!", "!!!"])
        {
            var header = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret}{behind}"));

            var masked = Mask(header, secret);

            Assert.Contains("***", masked, StringComparison.Ordinal);
            // What is left at its ends has bits of at most one of its bytes on each side.
            Assert.True(header.Length - (masked.Length - 3) >= (secret.Length * 8 / 6) - 1, $"{header} became {masked}");
        }
    }

    [Fact]
    public void Of_secrets_that_overlap_nothing_stays()
    {
        Assert.Equal("a ***. b", Mask("a abcdXYZ1. b", "abcdX", "cdXYZ1"));
        Assert.Equal("***!", Mask("abcdef!", "abcd", "abcdef"));
        Assert.Equal("***", Mask("abcdabcd", "abcd"));
    }

    [Fact]
    public void The_lines_of_a_secret_of_several_lines_are_masked_one_by_one()
    {
        const string key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n";

        Assert.Equal("x ***", Mask($"x {key}", key));
        Assert.Equal("1: ***", Mask("1: kqhkiG9w0BAQEF", key));
        Assert.Equal("-----BEGIN KEY-----", Mask("-----BEGIN KEY-----", key));
        Assert.Equal("x ***", Mask("x " + key.TrimEnd(), key));
    }

    [Fact]
    public void A_text_without_secrets_stays_the_same_object()
    {
        var texts = Texts(Secret);

        Assert.Null(texts.Replace("nothing here"));
        Assert.Null(texts.Replace(""));
        Assert.Null(texts.Replace(Secret.AsSpan(0, Secret.Length - 1)));
        Assert.False(texts.IsIn(Secret.AsSpan(1)));
        Assert.Empty(SecretForms.Of("abc"));
    }

    [Fact]
    public void The_beginning_of_a_secret_at_the_end_of_a_text_is_found()
    {
        var texts = Texts("correct-horse");

        Assert.Equal(7, texts.TailOf("the correct"));
        Assert.Equal(1, texts.TailOf("abc"));
        Assert.Equal(0, texts.TailOf("correct-horse"));
        Assert.Equal(0, texts.TailOf(""));
    }

    [Fact]
    public void Whatever_stands_around_a_secret_it_is_not_in_what_is_left() =>
        Gen.Select(Gen.String[Gen.Char["ab*/+%\\\"ü\n"], 0, 12].Array[1, 4], Gen.String[Gen.Char["ab*/+%\\\"ü\n"], 4, 8].Array[1, 3]).Sample((around, secrets) =>
        {
            var text = string.Concat(around.SelectMany((piece, i) => (string[])[piece, secrets[i % secrets.Length]]));
            // A secret that has the mask in it may come about by masking: that says nothing.
            if (secrets.Any(secret => secret.Contains('*')))
                return;
            var masked = Mask(text, secrets);
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, masked, StringComparison.Ordinal));
        });

    [Fact]
    public void Json_stays_json()
    {
        SecretMask.Add("4711470815");
        SecretMask.Add("jsön-secret\"1");
        var json = """{"a":4711470815,"b":["x jsön-secret\"1","js\u00f6n-secret\u00221",1.50,true,null],"4711470815":{"c":"ü"},"n":14711470815}""";

        var masked = JsonMask.Mask(json);

        Assert.Equal("""{"a":"***","b":["x ***","***",1.50,true,null],"***":{"c":"ü"},"n":"1***"}""", masked);
        Assert.True(JsonMask.IsIn(Encoding.UTF8.GetBytes(json)));
        Assert.False(JsonMask.IsIn(Encoding.UTF8.GetBytes(masked)));
        var clean = """{"a":"\u00fc"}"""u8.ToArray();
        Assert.Same(clean, JsonMask.Mask(clean));
        Assert.Equal("no json ***", JsonMask.Mask("no json 4711470815"));
    }
}
