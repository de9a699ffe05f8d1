using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Cli;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>The whole server with its media in a bucket, from outside.</summary>
[Collection(nameof(Swift))]
public sealed class S3ServerTests(Swift swift, Clip clip) : IClassFixture<Clip>
{
    [Fact]
    public async Task A_title_plays_byte_for_byte_as_from_local_disk_and_leaves_an_empty_bucket()
    {
        var s3 = swift.Options();
        await using var far = await SluiceServer.StartAsync(options: o => Use(o, s3), realPackager: true);
        await using var near = await SluiceServer.StartAsync(realPackager: true);
        var (there, here) = (await PublishAsync(far, clip.Path), await PublishAsync(near, clip.Path));

        foreach (var list in (string[])["master.m3u8", "manifest.mpd"])
        {
            var (a, b) = (await far.Http.GetStringAsync(there.At(list)), await near.Http.GetStringAsync(here.At(list)));
            Plain(a).ShouldBe(Plain(b));
        }

        var segments = 0;
        foreach (var track in (string[])["v0", "a0", "a1", "ts"])
        {
            var (a, b) = (await there.SegmentsAsync(track), await here.SegmentsAsync(track));
            a.Count.ShouldBe(b.Count);
            foreach (var (one, other) in a.Zip(b))
            {
                (await far.Http.GetByteArrayAsync(one)).ShouldBe(await near.Http.GetByteArrayAsync(other), $"{track} {one}");
                segments++;
            }
        }

        segments.ShouldBeGreaterThan(10);
        Directory.EnumerateFiles(Path.Combine(far.Data, "stage"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
        using var removed = await far.Http.DeleteAsync("/api/v1/media/" + there.Id);
        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Eventually.Holds(async () => (await swift.NamesAsync(s3.Prefix)).Count == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_is_started_again_plays_what_is_in_the_bucket()
    {
        var s3 = swift.Options();
        var data = Directory.CreateTempSubdirectory("sluice-test-");
        byte[] first;
        string segment;
        await using (var before = await SluiceServer.StartAsync(options: o => Use(o, s3), realPackager: true, data: data.FullName))
        {
            var title = await PublishAsync(before, clip.Path);
            segment = (await title.SegmentsAsync("v0"))[1].PathAndQuery;
            first = await before.Http.GetByteArrayAsync(segment);
        }

        await using (var after = await SluiceServer.StartAsync(options: o => Use(o, s3), realPackager: true, data: data.FullName))
        {
            (await after.Http.GetByteArrayAsync(segment)).ShouldBe(first);
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_seek_costs_one_request_when_it_is_cold_and_none_when_it_is_warm()
    {
        await using var slow = await FaultyS3.StartAsync(swift.Url);
        await using var server = await SluiceServer.StartAsync(options: o => Use(o, swift.Options(slow.Url)), realPackager: true);
        var film = Path.Combine(server.Data, "film.mp4");
        await SaveAsync(LongTitle.Of(TimeSpan.FromMinutes(5)), film);
        var title = await PublishAsync(server, film);
        var segments = await title.SegmentsAsync("v0");
        (await server.Http.GetByteArrayAsync(segments[1])).ShouldNotBeEmpty();

        slow.Delay = TimeSpan.FromMilliseconds(30);
        var quickest = TimeSpan.MaxValue;
        foreach (var segment in segments.Skip(2).Where((_, n) => n % 2 == 0))
        {
            slow.Asked.Clear();
            var (body, firstByte) = await FetchAsync(server.Http, segment);
            slow.Asked.Count.ShouldBe(1, string.Join('\n', slow.Asked));
            var ours = firstByte - slow.BehindTime;
            quickest = ours < quickest ? ours : quickest;

            (await FetchAsync(server.Http, segment)).Body.ShouldBe(body);
            slow.Asked.Count.ShouldBe(1, "it is warm");
        }

        // The quickest of them, for the machine may have other things to do; and without what the server behind takes, which is slow by itself.
        quickest.ShouldBeLessThan(TimeSpan.FromMilliseconds(100));
    }

    [Theory]
    [InlineData(Fault.Error)]
    [InlineData(Fault.Elsewhere)]
    [InlineData(Fault.Cut)]
    public async Task Trouble_is_an_error_or_a_cut_connection_and_never_another_byte(Fault fault)
    {
        await using var faulty = await FaultyS3.StartAsync(swift.Url);
        await using var far = await SluiceServer.StartAsync(
            options: o => Use(o, swift.Options(faulty.Url)), configure: b => b.Services.AddSingleton(TimeProvider.System), realPackager: true);
        await using var near = await SluiceServer.StartAsync(realPackager: true);
        var film = Path.Combine(near.Data, "film.mp4");
        await SaveAsync(LongTitle.Of(TimeSpan.FromMinutes(1)), film);
        var (there, here) = (await (await PublishAsync(far, film)).SegmentsAsync("v0"), await (await PublishAsync(near, film)).SegmentsAsync("v0"));
        (await far.Http.GetByteArrayAsync(there[1])).ShouldBe(await near.Http.GetByteArrayAsync(here[1]));
        var due = await near.Http.GetByteArrayAsync(here[6]);

        faulty.FaultOf = _ => fault;
        using (var answer = await far.Http.GetAsync(there[6], HttpCompletionOption.ResponseHeadersRead))
        {
            var (body, isWhole) = await ReceiveAsync(answer);
            if (answer.IsSuccessStatusCode)
            {
                isWhole.ShouldBeFalse();
                body.ShouldBe(due[..body.Length]);
            }
            else
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
                System.Text.Encoding.UTF8.GetString(body).ShouldContain("source-unusable");
            }
        }

        faulty.FaultOf = _ => Fault.None;
        (await far.Http.GetByteArrayAsync(there[6])).ShouldBe(due, "it goes on when the trouble is over");
    }

    [Fact]
    public async Task What_must_be_encoded_is_encoded_from_the_bucket_and_has_its_poster()
    {
        var s3 = swift.Options();
        await using var server = await SluiceServer.StartAsync(
            options: o =>
            {
                Use(o, s3);
                (o.Transcode.Enabled, o.Transcode.WaitSeconds, o.Ladder) = (true, (int)Eventually.Patience.TotalSeconds, [90]);
            },
            configure: b => b.Services.AddSingleton(TimeProvider.System),
            realPackager: true);
        var film = Path.Combine(server.Data, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=25 -t 8 -c:v mpeg4 -q:v 5 -g 25", film);
        var title = await PublishAsync(server, film);

        var segments = await title.SegmentsAsync("v0");
        foreach (var segment in segments.AsEnumerable().Reverse())
        {
            (await server.Http.GetByteArrayAsync(segment)).Length.ShouldBeGreaterThan(500);
        }

        (await Eventually.Holds(async () => (await swift.NamesAsync(s3.Prefix)).Exists(n => n.EndsWith("/v0.dat", StringComparison.Ordinal)))).ShouldBeTrue("gathered");
        (await Eventually.Holds(async () =>
        {
            using var poster = await server.Http.GetAsync(title.At("poster.jpg"));
            return poster.IsSuccessStatusCode;
        })).ShouldBeTrue();
        using var removed = await server.Http.DeleteAsync("/api/v1/media/" + title.Id);
        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Eventually.Holds(async () => (await swift.NamesAsync(s3.Prefix)).Count == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_bucket_that_cannot_be_used_is_said_at_the_start()
    {
        var wrong = swift.Options();
        wrong.SecretKey = "another secret";
        var fault = await Should.ThrowAsync<SetupException>(() => SluiceServer.StartAsync(options: o => Use(o, wrong)));
        fault.Message.ShouldContain("storage.s3.accessKey");
        fault.Message.ShouldNotContain(wrong.SecretKey);

        var none = swift.Options();
        none.SecretKey = null;
        (await Should.ThrowAsync<SetupException>(() => SluiceServer.StartAsync(options: o => Use(o, none)))).Message.ShouldContain("secretKey");
    }

    [Fact]
    public async Task Doctor_tries_the_bucket()
    {
        var options = new SluiceOptions();
        (await S3Check.OfAsync(options, default)).ShouldBeEmpty("media are in the data folder");

        var s3 = swift.Options();
        Use(options, s3);
        (await S3Check.OfAsync(options, default)).ShouldHaveSingleItem().Severity.ShouldBe(Severity.Ok);
        (await swift.NamesAsync(s3.Prefix)).ShouldBeEmpty();

        options.Storage.S3.Bucket = "no-such-bucket";
        var missing = (await S3Check.OfAsync(options, default)).ShouldHaveSingleItem();
        (missing.Severity, missing.Detail, missing.Fix).ShouldBe((Severity.Fail, "The object storage has no such bucket", "look at storage.s3.bucket"));
        (options.Storage.S3.Bucket, options.Storage.S3.AccessKey) = (s3.Bucket, null);
        (await S3Check.OfAsync(options, default)).ShouldHaveSingleItem().Severity.ShouldBe(Severity.Fail);
    }

    private static void Use(SluiceOptions options, S3Options s3)
    {
        var to = options.Storage.S3;
        (to.Endpoint, to.Bucket, to.Prefix, to.AccessKey, to.SecretKey) = (s3.Endpoint, s3.Bucket, s3.Prefix, s3.AccessKey, s3.SecretKey);
        (to.PartBytes, to.CacheBytes) = (s3.PartBytes, s3.CacheBytes);
    }

    private static async Task<(byte[] Body, TimeSpan FirstByte)> FetchAsync(HttpClient http, Uri url)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        var all = new MemoryStream();
        var one = new byte[1];
        (await body.ReadAsync(one)).ShouldBe(1);
        var firstByte = Stopwatch.GetElapsedTime(began);
        all.Write(one);
        await body.CopyToAsync(all);
        all.Length.ShouldBe(answer.Content.Headers.ContentLength!.Value);
        return (all.ToArray(), firstByte);
    }

    private static async Task<(byte[] Body, bool IsWhole)> ReceiveAsync(HttpResponseMessage answer)
    {
        var all = new MemoryStream();
        try
        {
            await (await answer.Content.ReadAsStreamAsync()).CopyToAsync(all);
            return (all.ToArray(), true);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return (all.ToArray(), false);
        }
    }

    private static async Task SaveAsync(SparseFile film, string path)
    {
        await using var file = File.Create(path);
        var piece = new byte[1 << 20];
        for (var at = 0L; at < film.Length;)
        {
            var count = film.Read(at, piece);
            await file.WriteAsync(piece.AsMemory(0, count));
            at += count;
        }
    }

    private static async Task<Title> PublishAsync(SluiceServer server, string file)
    {
        using var answer = await server.UploadFileAsync(file);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("\"ready\"");
        var media = await answer.JsonAsync();
        return new Title(server, media.Text("id"), media.GetProperty("playback").Text("token"));
    }

    /// <summary>Without what two servers call differently.</summary>
    private static string Plain(string list) =>
        Regex.Replace(list, "token=[^\"\\s&]+|/stream/[^/]+|[a-zA-Z]+Time=\"[^\"]+\"", "", RegexOptions.None, TimeSpan.FromSeconds(5));

    private sealed record Title(SluiceServer Server, string Id, string Token)
    {
        public Uri At(string name) => new(Server.Http.BaseAddress!, $"/stream/{Id}/{name}?token={Token}");

        /// <summary>Init segment and segments of a track; <c>ts</c> is the first rendition in MPEG-TS.</summary>
        public async Task<IReadOnlyList<Uri>> SegmentsAsync(string track)
        {
            var name = track == "ts" ? "v0" : track;
            var playlist = (await ListAsync(At("master.m3u8"))).First(u => u.AbsolutePath.EndsWith($"/{name}/index.m3u8", StringComparison.Ordinal));
            if (track == "ts")
            {
                playlist = new Uri(playlist.AbsoluteUri.Replace("/v0/index", "/ts/v0-a0/index", StringComparison.Ordinal));
            }

            return await ListAsync(playlist);
        }

        private async Task<IReadOnlyList<Uri>> ListAsync(Uri playlist)
        {
            var text = await Server.Http.GetStringAsync(playlist);
            return [.. Regex.Matches(text, "^(?!#)(?<uri>\\S+)|URI=\"(?<uri>[^\"]+)\"", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
                .Select(m => new Uri(playlist, m.Groups["uri"].Value))];
        }
    }
}
