using Shouldly;
using Sluice.Media.Manifests;
using Xunit;

namespace Sluice.Media.Tests.Manifests;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData(" \r\n\t\0 ", null)]
    [InlineData("Director's \"cut\"", "Director's 'cut'")]
    [InlineData("a\r\n#EXT-X-ENDLIST\u2028b\u0085", "a#EXT-X-ENDLISTb")]
    [InlineData("\u202Egnp.exe", "gnp.exe")]
    [InlineData("日本語 \U0001F468\u200D\U0001F469", "日本語 \U0001F468\u200D\U0001F469")]
    [InlineData("x\uFFFE\uFFFFy", "xy")]
    public void Name_keeps_what_can_be_read(string? name, string? expected) => SafeText.Name(name).ShouldBe(expected);

    [Fact]
    public void Name_survives_half_a_surrogate_pair_and_has_an_end()
    {
        SafeText.Name("a\uD83Db").ShouldBe("ab");
        SafeText.Name(new string('x', 1_000_000))!.Length.ShouldBe(120);
    }

    [Theory]
    [InlineData("en", "en")]
    [InlineData("zh-Hant-TW", "zh-Hant-TW")]
    [InlineData("es-419", "es-419")]
    [InlineData("und", null)]
    [InlineData("", null)]
    [InlineData("e n", null)]
    [InlineData("en-", null)]
    [InlineData("1en", null)]
    [InlineData("en\"", null)]
    [InlineData("ЁЁ", null)]
    [InlineData("abcdefghi", null)]
    public void Language_is_well_formed_or_absent(string tag, string? expected) =>
        SafeText.Language(tag).ShouldBe(expected);

    [Fact]
    public void Codecs_loses_what_no_codec_string_has() =>
        SafeText.Codecs("av01.0.04M.10\"\r\n<,é").ShouldBe("av01.0.04M.10");

    [Theory]
    [InlineData("pt-br", "Portuguese (BR)")]
    [InlineData("GER", "German")]
    [InlineData("zh-Hant-TW", "Chinese (TW)")]
    [InlineData("qaa", null)]
    public void Languages_have_English_names(string tag, string? expected) =>
        LanguageNames.English(tag).ShouldBe(expected);
}
