using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Live.Channels;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>Channels of the configuration file.</summary>
public sealed class StreamsConfigurationTests
{
    /// <summary>The files of StreamPipe's README, to the letter.</summary>
    [Fact]
    public void StreamPipes_files_are_valid_as_they_stand()
    {
        var quickStart = Load("""
            server:
              host: "0.0.0.0"
              port: 8080

            streams:
              channel1: "https://example.com/stream1.m3u8"
              channel2: "https://example.com/stream2.m3u8"
            """);
        quickStart.Options.Server.Host.ShouldBe("0.0.0.0");
        quickStart.Options.Server.Port.ShouldBe(8080);
        quickStart.Channels.Select(c => (c.Name, c.Urls.Single(), c.IsPublic, c.IsEnabled, c.Origin)).ShouldBe([
            ("channel1", "https://example.com/stream1.m3u8", true, true, ChannelOrigin.Configuration),
            ("channel2", "https://example.com/stream2.m3u8", true, true, ChannelOrigin.Configuration),
        ]);

        var configuration = Load("""
            server:
              host: "0.0.0.0"
              port: 8080

            streams:
              nasatv: "https://nasa.com/live.m3u8"
              bloomberg: "https://bloomberg.com/live.m3u8"

            options:
              user_agent: "StreamPipe/1.0"
              threads: 4
              timeout: 20.0
              buffer_size: 8192
            """);
        configuration.Channels.Select(c => c.Name).ShouldBe(["nasatv", "bloomberg"]);
        configuration.Channels.ShouldAllBe(c =>
            c.UserAgent == "StreamPipe/1.0" && c.Threads == 4 && c.Timeout == TimeSpan.FromSeconds(20) && c.BufferBytes == 16 << 20);
        configuration.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void A_channel_has_all_its_keys_and_beats_what_holds_for_all()
    {
        var channels = Load("""
            options:
              public: false
              threads: 8
              idle: 0
              max_height: 720
            streams:
              news: {url: http://a.example/1.m3u8}
              sport:
                backup: [http://c.example/3.m3u8]
                urls: [http://a.example/1.m3u8, http://user:word@b.example/2.m3u8?t=1]
                title: Sport
                public: true
                enabled: false
                userAgent: Mine
                headers: {Referer: "http://a.example/", X-Key: ""}
                buffer: 32M
                idle: 1.5
                threads: 2
                timeout: 7
                maxHeight: 1_080
                maxBitrate: 8_000_000
                resolver: yt-dlp
            """).Channels;

        var news = channels[0];
        (news.IsPublic, news.Threads, news.Idle, news.Policy.MostLines).ShouldBe((false, 8, TimeSpan.Zero, 720));
        var sport = channels[1];
        sport.Urls.ShouldBe(["http://a.example/1.m3u8", "http://user:word@b.example/2.m3u8?t=1", "http://c.example/3.m3u8"]);
        (sport.Title, sport.IsPublic, sport.IsEnabled, sport.UserAgent, sport.Resolver).ShouldBe(("Sport", true, false, "Mine", "yt-dlp"));
        sport.Headers.ShouldBe([KeyValuePair.Create("Referer", "http://a.example/"), KeyValuePair.Create("X-Key", "")]);
        (sport.BufferBytes, sport.Idle, sport.Threads, sport.Timeout).ShouldBe((32L << 20, TimeSpan.FromSeconds(1.5), 2, TimeSpan.FromSeconds(7)));
        (sport.Policy.MostLines, sport.Policy.MostBitsPerSecond).ShouldBe((1080, 8_000_000));
    }

    [Fact]
    public void The_order_of_url_and_backups_in_the_file_does_not_matter() =>
        Load("streams:\n  a:\n    backup: http://b.example/2.m3u8\n    url: http://a.example/1.m3u8").Channels.Single()
            .Urls.ShouldBe(["http://a.example/1.m3u8", "http://b.example/2.m3u8"]);

    [Theory]
    [InlineData("1048576", 1 << 20)]
    [InlineData("1024K", 1 << 20)]
    [InlineData("24M", 24 << 20)]
    [InlineData("24 MB", 24 << 20)]
    [InlineData("24MiB", 24 << 20)]
    [InlineData("1g", 1 << 30)]
    public void Sizes_are_written_as_people_write_them(string text, long bytes) =>
        Load($"streams:\n  a: {{url: http://a.example/, buffer: {text}}}").Channels.Single().BufferBytes.ShouldBe(bytes);

    [Theory]
    [InlineData("")]
    [InlineData("streams:")]
    [InlineData("streams: {}")]
    [InlineData("options:\nstreams: ~")]
    [InlineData("options: {threads: 2}")]
    public void There_need_be_no_channel(string yaml) => Load(yaml).Channels.ShouldBeEmpty();

    [Theory]
    [InlineData("streams:\n  News TV: http://a.example/", "x.yml line 2: 'News TV' cannot be the name of a channel: lower-case letters, digits and hyphens, at most 64. 'news-tv' can.")]
    [InlineData("streams:\n  ../x: http://a.example/", "x.yml line 2: '../x' cannot be the name of a channel: lower-case letters, digits and hyphens, at most 64. 'x' can.")]
    [InlineData("streams:\n  é: http://a.example/", "x.yml line 2: 'é' cannot be the name of a channel: lower-case letters, digits and hyphens, at most 64.")]
    [InlineData("streams:\n  a:", "x.yml line 2: streams.a needs an address: an http or https URL, or keys with 'url' among them.")]
    [InlineData("streams:\n  a: {title: x}", "x.yml line 2: streams.a needs an address: an http or https URL, or keys with 'url' among them.")]
    [InlineData("streams:\n  a: [http://a.example/]", "x.yml line 2: streams.a needs an address: an http or https URL, or keys with 'url' among them.")]
    [InlineData("streams:\n  a: file:///etc/passwd", "x.yml line 2: streams.a must be an http or https URL, not what was given.")]
    [InlineData("streams:\n  a: ftp://user:hunter2@a.example/", "x.yml line 2: streams.a must be an http or https URL, not what was given.")]
    [InlineData("streams:\n  a:\n    url: [http://a.example/]", "x.yml line 3: streams.a.url must be an http or https URL.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    backup: [http://b.example/, x]", "x.yml line 4: streams.a.backup must be a list of http or https URLs, with all the channel's at most 10, not what was given.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    thread: 4", "x.yml line 4: there is no key 'streams.a.thread'. Did you mean 'threads'?")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    buffer_size: 4", "x.yml line 4: there is no key 'streams.a.buffer_size'. Did you mean 'buffer'?")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    zzzzzzzzzzzz: 4", "x.yml line 4: there is no key 'streams.a.zzzzzzzzzzzz'. Every key is in sluice.example.yml.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    threads: 33", "x.yml line 4: streams.a.threads must be a whole number from 1 to 32, not '33'.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    threads: 1.5", "x.yml line 4: streams.a.threads must be a whole number from 1 to 32, not '1.5'.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    timeout: -1", "x.yml line 4: streams.a.timeout must be a number of seconds from 1 to 300, not '-1'.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    buffer: 16T", "x.yml line 4: streams.a.buffer must be a size from 1M to 4G, such as 16M, or a number of bytes, not '16T'.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    buffer: 99999999999999999999G", "x.yml line 4: streams.a.buffer must be a size from 1M to 4G, such as 16M, or a number of bytes, not '99999999999999999999G'.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    public: maybe", "x.yml line 4: streams.a.public must be true or false, not 'maybe'.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    resolver: ffmpeg", "x.yml line 4: streams.a.resolver must be streamlink or yt-dlp, not 'ffmpeg'.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    headers: {Host: x}", "x.yml line 4: streams.a.headers must be a list of names of headers with a value each; those of the connection, Range and User-Agent are not among them, not what was given.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    headers: {X: \"a\\r\\nb\"}", "x.yml line 4: streams.a.headers must be a list of names of headers with a value each; those of the connection, Range and User-Agent are not among them, not what was given.")]
    [InlineData("streams:\n  a:\n    urls: [http://a/, http://a/, http://a/, http://a/, http://a/, http://a/, http://a/, http://a/, http://a/, http://a/]\n    backup: http://b/", "x.yml line 4: streams.a.backup must be a list of http or https URLs, with all the channel's at most 10, not what was given.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    userAgent: Ünwahr", "x.yml line 4: streams.a.userAgent must be a text of letters and signs of ASCII, not 'Ünwahr'.")]
    [InlineData("streams:\n  a:\n    url: http://a.example/\n    userAgent: x\n    user_agent: y", "x.yml line 5: streams.a.userAgent is given twice, as 'userAgent' and as 'user_agent'.")]
    [InlineData("streams:\n  a: http://a.example/\n  a: http://b.example/", "x.yml line 3: this is no valid YAML: Duplicate key a")]
    [InlineData("streams: http://a.example/", "x.yml line 1: 'streams' is a section; put its keys below it, indented.")]
    [InlineData("options:\n  url: http://a.example/", "x.yml line 2: there is no key 'options.url'. Every key is in sluice.example.yml.")]
    [InlineData("options:\n  treads: 2", "x.yml line 2: there is no key 'options.treads'. Did you mean 'threads'?")]
    [InlineData("stream:\n  a: http://a.example/", "x.yml line 1: there is no key 'stream'. Did you mean 'streams'?")]
    public void A_fault_is_named_with_its_line_and_without_what_may_be_secret(string yaml, string message) =>
        Should.Throw<SetupException>(() => Load(yaml)).Message.ShouldBe(message);

    [Fact]
    public void Channels_are_equal_when_all_they_have_is() =>
        Load("streams:\n  a: {url: http://a.example/, headers: {X: y}}").Channels.ShouldBe(Load("streams:\n  a: {url: http://a.example/, headers: {X: y}}").Channels);

    [Theory]
    [InlineData("SLUICE__STREAMS__NEWS")]
    [InlineData("SLUICE__OPTIONS__THREADS")]
    public void The_environment_has_no_channels(string variable) =>
        Should.Throw<SetupException>(() => ConfigurationLoader.Combine([], [KeyValuePair.Create(variable, "x")], [])).Message
            .ShouldBe($"{variable}: channels are configured in the file, or made by the API.");

    private static LoadedConfiguration Load(string yaml) =>
        new ConfigurationSource("x.yml", [], []).Parse(System.Text.Encoding.UTF8.GetBytes(yaml));
}
