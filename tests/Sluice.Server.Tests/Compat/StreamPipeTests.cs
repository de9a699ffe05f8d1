using System.Net;
using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>StreamPipe's README, line by line, against the program in a process of its own.</summary>
public sealed class StreamPipeTests(StreamPipeHome home) : IClassFixture<StreamPipeHome>
{
    private const int Packet = 188;

    [Fact]
    public async Task Start_with_default_config_yml() =>
        (await Eventually.Holds(() => home.Output.Contains("Channels of config.yml: 2, at http://127.0.0.1:", StringComparison.Ordinal))).ShouldBeTrue();

    [Fact]
    public async Task Use_custom_config_file()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-streampipe").FullName;
        try
        {
            var local = home.Configuration.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("8080", "0", StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(folder, "myconfig.yml"), local);
            await using var server = SluiceProcess.Start(["serve", "-c", "myconfig.yml"], folder: folder);
            using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync(Path.Combine(folder, "data"))) };
            (await http.GetStringAsync("/health")).ShouldBe("""{"status":"ok","streams":2}""");
            await server.SignalAsync("TERM");
            (await server.ExitAsync()).ShouldBe(0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Health_check()
    {
        (await home.Http.GetStringAsync("/health")).ShouldBe("""{"status":"ok","streams":2}""");
        (await home.Http.GetStringAsync("/")).ShouldBe("""{"status":"ok","streams":2,"docs":"/docs"}""");
    }

    [Theory]
    [InlineData("/channel1")]
    [InlineData("/live/channel1")]
    public async Task Stream_content(string path)
    {
        using var patience = Patience();
        using var response = await home.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("video/mp2t");
        response.Headers.TransferEncodingChunked.ShouldBe(true);
        response.Content.Headers.ContentLength.ShouldBeNull();
        response.Headers.CacheControl!.ToString().ShouldBe("no-cache");

        // More than a segment or two: it goes on.
        await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
        var bytes = await ReadAsync(body, 3 * home.LargestSegment, patience.Token);
        var whole = bytes.Length / Packet * Packet;
        for (var at = 0; at < whole; at += Packet)
        {
            bytes[at].ShouldBe((byte)0x47, $"packet {at / Packet}");
        }

        var file = Path.Combine(home.DataFolder, "..", $"{Guid.NewGuid():N}.ts");
        await File.WriteAllBytesAsync(file, bytes.AsMemory(0, whole), patience.Token);
        Ffmpeg.Probe("-show_entries stream=codec_name -of csv=p=0", file).Select(line => line.Trim(',')).Distinct().ShouldBe(["h264", "aac"], ignoreOrder: true);
        var keys = Ffmpeg.Probe("-select_streams v -show_entries packet=flags -of csv=p=0", file);
        keys[0].ShouldStartWith("K");
        keys.Length.ShouldBeGreaterThan(2 * LiveSegments.Pictures);
    }

    [Fact]
    public async Task Requests_go_out_as_the_options_say()
    {
        using var patience = Patience();
        using var response = await home.Http.GetAsync("/channel1", HttpCompletionOption.ResponseHeadersRead, patience.Token);
        home.UserAgents.Keys.ShouldBe(["StreamPipe/1.0"]);
    }

    [Fact]
    public async Task Head_says_what_get_would_and_post_is_not_taken()
    {
        using var head = await home.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/channel1"));
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentType!.ToString().ShouldBe("video/mp2t");

        using var post = await home.Http.PostAsync("/channel1", null);
        await post.ShouldBeProblemAsync(405, "method-not-allowed");
        post.Content.Headers.Allow.ShouldBe(["GET", "HEAD"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_is_no_channel_is_answered_as_any_address_that_is_not_there() =>
        await (await home.Http.GetAsync("/channel3")).ShouldBeProblemAsync(404, "route-unknown");

    [Fact]
    public async Task A_name_that_is_spelt_otherwise_is_the_same_name()
    {
        using var head = await home.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(home.Http.BaseAddress!, "/%63hannel1/")));
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/channel3")]
    [InlineData("/Channel1")]
    [InlineData("/channel1.ts")]
    [InlineData("/channel_1")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("/%2e%2e%2fconfig.yml")]
    [InlineData("/..%5cconfig.yml")]
    [InlineData("/config.yml")]
    [InlineData("/channel1%00")]
    public async Task Names_are_lower_case_letters_numbers_and_hyphens_and_all_else_is_404(string path)
    {
        using var response = await home.Http.GetAsync(new Uri(home.Http.BaseAddress!, path));
        ((int)response.StatusCode).ShouldBeOneOf(400, 404);
        (await response.Content.ReadAsStringAsync()).ShouldNotContain("streams:");
    }

    [Fact]
    public async Task An_upstream_that_cannot_be_used_is_502_with_the_reason_and_no_stream()
    {
        using var patience = Patience();
        using var response = await home.Http.GetAsync("/channel2", patience.Token);
        var problem = await response.ShouldBeProblemAsync(502, "upstream-unusable");
        problem.Text("detail").ShouldContain("404");
    }

    [Fact]
    public async Task Concurrent_clients_share_one_upstream_and_one_that_leaves_is_not_missed()
    {
        using var patience = Patience();
        var before = home.Asked.Count;
        var clients = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => home.Http.GetAsync("/channel1", HttpCompletionOption.ResponseHeadersRead, patience.Token)));
        clients.ShouldAllBe(client => client.StatusCode == HttpStatusCode.OK);
        clients[0].Dispose();
        foreach (var client in clients[1..])
        {
            await using var body = await client.Content.ReadAsStreamAsync(patience.Token);
            await ReadAsync(body, home.LargestSegment, patience.Token);
            client.Dispose();
        }

        home.Asked.Skip(before).Where(path => path.EndsWith(".ts", StringComparison.Ordinal)).ShouldBeUnique();
    }

    [Fact]
    public async Task Nothing_is_kept_on_the_disk()
    {
        using var patience = Patience();
        using var response = await home.Http.GetAsync("/channel1", HttpCompletionOption.ResponseHeadersRead, patience.Token);
        await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
        await ReadAsync(body, home.LargestSegment, patience.Token);
        Directory.EnumerateFiles(home.DataFolder, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 500_000).ShouldBeEmpty();
    }

    private static CancellationTokenSource Patience() => new(Eventually.Patience);

    /// <summary>The next bytes of a body that has no end.</summary>
    private static async Task<byte[]> ReadAsync(Stream body, int count, CancellationToken ct)
    {
        var bytes = new byte[count];
        await body.ReadExactlyAsync(bytes, ct);
        return bytes;
    }
}
