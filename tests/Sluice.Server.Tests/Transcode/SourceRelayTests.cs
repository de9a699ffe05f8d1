using System.Net;
using System.Text;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Sluice.Server.Tests.Outbound;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Transcode.Far;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>How ffmpeg reads what is no file of this machine: by range, under a secret, and nothing beyond it.</summary>
public sealed class SourceRelayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-relay-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, 200, "0123456789", null)]
    [InlineData("bytes=0-", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("bytes=4-", 206, "456789", "bytes 4-9/10")]
    [InlineData("bytes=4-5", 206, "45", "bytes 4-5/10")]
    [InlineData("bytes=4-99", 206, "456789", "bytes 4-9/10")]
    [InlineData("bytes=10-", 416, "", "bytes */10")]
    [InlineData("bytes=-3", 400, "", null)]
    [InlineData("bytes=1-2,4-5", 400, "", null)]
    public async Task Parts_are_given_as_they_are_asked_for(string? range, int status, string body, string? place)
    {
        await using var relay = new SourceRelay(new Bytes("0123456789"), TimeProvider.System);
        using var http = ProxyClient.Of(relay.Url);
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
        {
            using var request = new HttpRequestMessage(method, FfmpegGuard.Relayed);
            if (range is not null)
            {
                request.Headers.TryAddWithoutValidation("Range", range);
            }

            using var answer = await http.SendAsync(request);

            ((int)answer.StatusCode, answer.Content.Headers.ContentRange?.ToString()).ShouldBe((status, place));
            (await answer.Content.ReadAsStringAsync()).ShouldBe(method == HttpMethod.Head ? "" : body);
            if (status < 300)
            {
                answer.Content.Headers.ContentLength.ShouldBe(body.Length);
            }
        }
    }

    [Fact]
    public async Task Who_does_not_know_the_secret_is_turned_away()
    {
        await using var relay = new SourceRelay(new Bytes("0123456789"), TimeProvider.System);
        var secret = new Uri(relay.Url).UserInfo.Split(':')[1];
        secret.Length.ShouldBe(32);

        foreach (var guess in (string[])["", "0", secret[..^1], new string('0', 32), secret + "0"])
        {
            using var http = ProxyClient.Of(relay.Url, guess);
            using var answer = await http.GetAsync(FfmpegGuard.Relayed);
            answer.StatusCode.ShouldBe(HttpStatusCode.ProxyAuthenticationRequired, guess);
        }
    }

    [Fact]
    public async Task It_has_nothing_else_and_leads_nowhere()
    {
        await using var canary = new Canary();
        await using var relay = new SourceRelay(new Bytes("0123456789"), TimeProvider.System);
        using var http = ProxyClient.Of(relay.Url);

        using var other = await http.GetAsync($"http://127.0.0.1:{canary.Port}/source");
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync($"https://127.0.0.1:{canary.Port}/source"));
        canary.Visits.ShouldBe(0);
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_and_ends_the_answer()
    {
        await using var relay = new SourceRelay(new Bytes("0123456789") { Fails = true }, TimeProvider.System);
        using var http = ProxyClient.Of(relay.Url);
        relay.Trouble.ShouldBeNull();

        await Should.ThrowAsync<HttpRequestException>(() => http.GetByteArrayAsync(FfmpegGuard.Relayed));

        relay.Trouble.ShouldBe("It is gone.");
    }

    [Fact]
    public async Task Who_waits_long_in_vain_was_not_beaten_by_the_file()
    {
        var clock = new FakeClock();
        var reader = new Bytes("0123456789") { Gate = new TaskCompletionSource().Task };
        await using var relay = new SourceRelay(reader, clock);
        using var http = ProxyClient.Of(relay.Url);
        using var stop = new CancellationTokenSource();
        var asking = http.GetByteArrayAsync(FfmpegGuard.Relayed, stop.Token);
        (await Eventually.Holds(() => reader.Asked > 0)).ShouldBeTrue();
        clock.Advance(TimeSpan.FromSeconds(6));

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => asking);

        (await Eventually.Holds(() => relay.Trouble is not null)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_secret_is_in_no_last_words()
    {
        await using var relay = new SourceRelay(new Bytes("0123456789"), TimeProvider.System);
        await using var child = await Shell.StartAsync(Shell.Script("echo \"cannot open $1 by $http_proxy and $https_proxy: no\" >&2", null, FfmpegGuard.Relayed) with { Proxy = relay.Url });
        await child.Completion;

        child.ErrorTail.ShouldBe("cannot open … by … and …: no");
    }

    [Fact]
    public async Task Ffmpeg_reads_a_film_through_it()
    {
        var path = Path.Combine(_folder, "clip.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:d=1 -c:v mpeg4", path);

        (await OpenAsync(await File.ReadAllBytesAsync(path))).ShouldBe(0);
    }

    [Theory]
    [InlineData("ffconcat version 1.0\nfile 'file:{0}'\n")]
    [InlineData("ffconcat version 1.0\nfile '{1}'\n")]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{1}\n#EXT-X-ENDLIST\n")]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:{0}\n#EXT-X-ENDLIST\n")]
    [InlineData("<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"><Period><AdaptationSet><Representation id=\"a\"><BaseURL>{1}</BaseURL></Representation></AdaptationSet></Period></MPD>")]
    [InlineData("v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n")]
    public async Task What_names_other_files_opens_none(string content)
    {
        await using var canary = new Canary();
        var secret = Path.Combine(_folder, "clip.ts");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:d=1 -c:v mpeg2video", secret);
        var bytes = Encoding.ASCII.GetBytes(content.Replace("{0}", secret, StringComparison.Ordinal)
            .Replace("{1}", $"http://127.0.0.1:{canary.Port}/a.ts", StringComparison.Ordinal));

        (await OpenAsync(bytes)).ShouldNotBe(0);

        canary.Visits.ShouldBe(0);
    }

    [Fact]
    public async Task What_reads_a_relay_reads_no_file()
    {
        Tool.Require("ffmpeg");
        var path = Path.Combine(_folder, "clip.ts");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:d=1 -c:v mpeg2video", path);

        (await RunAsync([.. FfmpegGuard.InputOf("http://sluice:word@127.0.0.1:1"), "-i", FfmpegGuard.File(path)], null)).ShouldNotBe(0);
    }

    private async Task<int> OpenAsync(byte[] content)
    {
        await using var relay = new SourceRelay(new Bytes(content), TimeProvider.System);
        return await RunAsync([.. FfmpegGuard.InputOf(relay.Url), "-i", FfmpegGuard.Source(relay.Url)], FfmpegGuard.ProxyOf(relay.Url));
    }

    private async Task<int> RunAsync(string[] input, string? proxy)
    {
        Tool.Require("ffmpeg");
        await using var child = await Shell.StartAsync(new ChildCommand
        {
            Program = ProgramSearch.Find("ffmpeg", ProgramSearch.SystemPath)!,
            Arguments = [.. FfmpegGuard.Global, .. input, "-f", "null", "-"],
            WorkingFolder = _folder,
            Proxy = proxy,
            Limits = new ChildLimits { WallTime = TimeSpan.FromSeconds(30) },
        });
        return (await child.Completion).Code;
    }

    private sealed class Bytes(byte[] content) : IObjectReader
    {
        private int _asked;

        public Bytes(string content)
            : this(Encoding.ASCII.GetBytes(content))
        {
        }

        public bool Fails { get; init; }

        public Task Gate { get; init; } = Task.CompletedTask;

        public int Asked => Volatile.Read(ref _asked);

        public long Length => content.Length;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
        {
            Interlocked.Increment(ref _asked);
            await Gate.WaitAsync(ct);
            return Fails ? throw new SourceUnavailableException("It is gone.") : new MemoryByteSource(content).Read(offset, destination.Span);
        }

        public void Dispose()
        {
            // There is nothing to give back.
        }
    }
}
