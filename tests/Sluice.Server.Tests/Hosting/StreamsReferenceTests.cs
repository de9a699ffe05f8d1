using System.Text;
using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Live.Channels;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>The keys of channels and <c>sluice.example.yml</c> say the same. Its examples stand behind comment signs; without these they are valid.</summary>
public sealed partial class StreamsReferenceTests
{
    private static readonly string[] Lines =
        [.. File.ReadLines(RepositoryRoot.File("sluice.example.yml")).SkipWhile(line => line != "options:")];

    private static readonly string[] Options = [.. Lines.TakeWhile(line => line != "streams:")];

    private static readonly string[] Streams = [.. Lines.SkipWhile(line => line != "streams:")];

    [Fact]
    public void Every_key_of_options_is_in_the_example_and_every_key_there_exists() =>
        Keys(Options).Select(key => key.Name).ShouldBe(StreamKeys.All.Where(key => key.IsOption).Select(key => key.Name), ignoreOrder: true);

    [Fact]
    public void Every_key_of_a_channel_is_in_the_example_and_every_key_there_exists() =>
        Keys(Streams).Select(key => key.Name).ShouldBe(
            ["news", "sport", .. StreamKeys.All.Where(key => key.IsStream).Select(key => key.Name)], ignoreOrder: true);

    [Fact]
    public void Every_key_of_the_example_has_a_comment_above_it()
    {
        foreach (var lines in (string[][])[Options, Streams])
        {
            foreach (var (name, line) in Keys(lines))
            {
                var above = lines[line - 1];
                above.ShouldContain("# ", customMessage: name);
                KeyLine().IsMatch(above).ShouldBeFalse(name);
            }
        }
    }

    [Fact]
    public void The_options_of_the_example_are_the_defaults() =>
        Parse([.. Options, "streams: {a: http://a.example/}"]).Single().ShouldBe(Parse(["streams: {a: http://a.example/}"]).Single());

    [Fact]
    public void The_channels_of_the_example_are_valid()
    {
        var channels = Parse([.. Options.Concat(Streams).Select(line => Hidden().Replace(line, "${indent}"))]);

        channels.Select(c => c.Name).ShouldBe(["news", "sport"]);
        channels[0].UserAgent.ShouldBe("StreamPipe/1.0");
        channels[1].Urls.Count.ShouldBe(3);
    }

    private static IEnumerable<(string Name, int Line)> Keys(string[] lines) =>
        from line in lines.Index()
        let key = KeyLine().Match(line.Item)
        where key.Success
        select (key.Groups["name"].Value, line.Index);

    private static IReadOnlyList<ChannelDefinition> Parse(IEnumerable<string> lines) =>
        new ConfigurationSource("x.yml", [], []).Parse(Encoding.UTF8.GetBytes(string.Join('\n', lines))).Channels;

    /// <summary>A key, behind a comment sign or not: one word and its colon.</summary>
    [GeneratedRegex(@"^  (?<sign># +)?(?<name>[A-Za-z_]+):(?: |$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyLine();

    /// <summary>The sign before a key or before what belongs to one.</summary>
    [GeneratedRegex(@"^(?<indent>  )# (?=[A-Za-z_]+:( |$)|  )", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hidden();
}
