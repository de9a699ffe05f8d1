using System.Text;
using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Media.Text;
using Xunit;

namespace Sluice.Media.Tests.Text;

/// <summary>Nothing of a stranger's text is markup, whatever a player does with it.</summary>
public sealed partial class CueTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("<b>bold</b> <I>it</I> <u>un</u>", "<b>bold</b> <i>it</i> <u>un</u>")]
    [InlineData("<b onclick=alert(1)>x</b>", "<b>x</b>")]
    [InlineData("<b.red>x</b>", "<b>x</b>")]
    [InlineData("<script>alert(1)</script>", "alert(1)")]
    [InlineData("<img src=x onerror=alert(1)>", "")]
    [InlineData("<font color=\"#fff\">white</font>", "white")]
    [InlineData("<img src=x onerror=alert(1)", "&lt;img src=x onerror=alert(1)")]
    [InlineData("<<b>script>", "&lt;<b>script&gt;</b>")]
    [InlineData("&lt;script&gt;", "&lt;script&gt;")]
    [InlineData("&#60;script&#62;", "&amp;#60;script&amp;#62;")]
    [InlineData("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d")]
    [InlineData("--> 00:00", "--&gt; 00:00")]
    [InlineData("<b>open", "<b>open</b>")]
    [InlineData("<b><i>crossed</b></i>", "<b><i>crossed</i></b>")]
    [InlineData("</b>stray", "stray")]
    [InlineData("{\\an8}up {not a tag}", "up {not a tag}")]
    [InlineData("<00:00:01.000>karaoke", "karaoke")]
    [InlineData("tab\there\0", "tab here")]
    [InlineData("<b>one\n</b>\ntwo", "<b>one</b>\ntwo")]
    [InlineData("<b><b><b>deep</b>", "<b>deep</b>")]
    [InlineData("one\n \ntwo", "one\ntwo")]
    [InlineData("<i> </i>", "")]
    public void Text_becomes(string raw, string clean) => Clean(raw).ShouldBe(clean);

    [Fact]
    public void Whatever_comes_in_only_allowed_tags_come_out_and_they_nest()
    {
        var random = new Random(11);
        string[] pieces = ["<b>", "</b>", "<i", ">", "<", "</", "script", " onload=x", "<ruby>", "</rt>", "&", ";", "&lt;", "\n", "\"", "'", "{\\", "}", "<!--", "-->", "<svg/onload=1>"];
        for (var round = 0; round < 20_000; round++)
        {
            var clean = Clean(string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => pieces[random.Next(pieces.Length)])));
            var open = new Stack<string>();
            var text = Tag().Replace(clean, match =>
            {
                var name = match.Groups["name"].Value;
                if (match.Value[1] != '/')
                {
                    open.Push(name);
                }
                else
                {
                    open.Pop().ShouldBe(name, clean);
                }

                return "";
            });
            open.ShouldBeEmpty(clean);
            text.ShouldNotContain('<');
            text.ShouldNotContain('>');
            text.ShouldNotContain("\n\n");
        }
    }

    [Fact]
    public void Half_a_character_is_dropped() => Clean("\uD800lonely\uDC00").ShouldBe("lonely");

    [Fact]
    public void A_text_without_end_is_cut() => Clean(new string('x', 1 << 20)).Length.ShouldBe(4000);

    private static string Clean(string raw) => CueText.Clean(raw.Split('\n'));

    [GeneratedRegex("</?(?<name>b|i|u|ruby|rt)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tag();
}
