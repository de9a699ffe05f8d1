using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Cli;
using Sluice.Server.Hosting;
using Sluice.Server.Store.S3;
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
        await using var far = await SluiceServer.StartAsync(options: o => S3Title.Use(o, s3), realPackager: true);
        await using var near = await SluiceServer.StartAsync(realPackager: true);
        var (there, here) = (await S3Title.PublishAsync(far, clip.Path), await S3Title.PublishAsync(near, clip.Path));

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
        await using (var before = await SluiceServer.StartAsync(options: o => S3Title.Use(o, s3), realPackager: true, data: data.FullName))
        {
            var title = await S3Title.PublishAsync(before, clip.Path);
            segment = (await title.SegmentsAsync("v0"))[1].PathAndQuery;
            first = await before.Http.GetByteArrayAsync(segment);
        }

        await using (var after = await SluiceServer.StartAsync(options: o => S3Title.Use(o, s3), realPackager: true, data: data.FullName))
        {
            (await after.Http.GetByteArrayAsync(segment)).ShouldBe(first);
        }

        data.Delete(recursive: true);
    }

    [Theory]
    [InlineData(Fault.Error)]
    [InlineData(Fault.Elsewhere)]
    [InlineData(Fault.Cut)]
    [InlineData(Fault.Absent)]
    [InlineData(Fault.Replaced)]
    [InlineData(Fault.Drip)]
    public async Task Trouble_is_an_error_or_a_cut_connection_and_never_another_byte(Fault fault)
    {
        await using var faulty = await FaultyS3.StartAsync(swift.Url);
        var time = new FastClock(1);
        await using var far = await SluiceServer.StartAsync(
            options: o => S3Title.Use(o, swift.Options(faulty.Url)), configure: b => b.Services.AddSingleton<TimeProvider>(time), realPackager: true);
        await using var near = await SluiceServer.StartAsync(realPackager: true);
        var film = Path.Combine(near.Data, "film.mp4");
        await S3Title.SaveAsync(LongTitle.Of(TimeSpan.FromMinutes(1)), film);
        var (there, here) = (await (await S3Title.PublishAsync(far, film)).SegmentsAsync("v0"), await (await S3Title.PublishAsync(near, film)).SegmentsAsync("v0"));
        (await far.Http.GetByteArrayAsync(there[1])).ShouldBe(await near.Http.GetByteArrayAsync(here[1]));
        var due = await near.Http.GetByteArrayAsync(here[6]);

        faulty.FaultOf = _ => fault;
        time.Speed = fault == Fault.Drip ? 5 : 1; // A drip is borne for a while.
        using (var answer = await far.Http.GetAsync(there[6], HttpCompletionOption.ResponseHeadersRead))
        {
            var (body, isWhole) = await ReceiveAsync(answer);
            if (answer.IsSuccessStatusCode)
            {
                isWhole.ShouldBeFalse();
                body.ShouldBe(due[..body.Length]);
                fault.ShouldBeOneOf(Fault.Cut);
            }
            else
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
                System.Text.Encoding.UTF8.GetString(body).ShouldContain("source-unusable");
            }
        }

        (faulty.FaultOf, time.Speed) = (_ => Fault.None, 1);
        (await far.Http.GetByteArrayAsync(there[6])).ShouldBe(due, "it goes on when the trouble is over");
    }

    [Fact]
    public async Task What_must_be_encoded_is_encoded_from_the_bucket_and_has_its_poster()
    {
        var s3 = swift.Options();
        await using var server = await SluiceServer.StartAsync(
            options: o =>
            {
                S3Title.Use(o, s3);
                (o.Transcode.Enabled, o.Transcode.WaitSeconds, o.Ladder) = (true, (int)Eventually.Patience.TotalSeconds, [90]);
            },
            configure: b => b.Services.AddSingleton(TimeProvider.System),
            realPackager: true);
        var film = Path.Combine(server.Data, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=25 -t 8 -c:v mpeg4 -q:v 5 -g 25", film);
        var title = await S3Title.PublishAsync(server, film);

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
        var fault = await Should.ThrowAsync<SetupException>(() => SluiceServer.StartAsync(options: o => S3Title.Use(o, wrong)));
        fault.Message.ShouldContain("storage.s3.accessKey");
        fault.Message.ShouldNotContain(wrong.SecretKey);

        var none = swift.Options();
        none.SecretKey = null;
        (await Should.ThrowAsync<SetupException>(() => SluiceServer.StartAsync(options: o => S3Title.Use(o, none)))).Message.ShouldContain("secretKey");
    }

    [Fact]
    public async Task Doctor_tries_the_bucket()
    {
        var options = new SluiceOptions();
        (await S3Check.OfAsync(options, default)).ShouldBeEmpty("media are in the data folder");

        var s3 = swift.Options();
        S3Title.Use(options, s3);
        var works = (await S3Check.OfAsync(options, default)).ShouldHaveSingleItem();
        works.Severity.ShouldBe(Severity.Ok);
        works.Detail.ShouldContain("keeps no conditions", Case.Sensitive, "Swift answers 501");
        (await swift.NamesAsync(s3.Prefix)).ShouldBeEmpty();

        await using var wire = await FaultyS3.StartAsync(swift.Url);
        using var behind = S3Setup.BucketOf(swift.Options(), Swift.Connector, TimeProvider.System);
        wire.KeepConditions(behind);
        options.Storage.S3.Endpoint = wire.Url.GetLeftPart(UriPartial.Authority);
        (await S3Check.OfAsync(options, default)).ShouldHaveSingleItem().Detail.ShouldEndWith("cleaned up");
        options.Storage.S3.Endpoint = s3.Endpoint;

        options.Storage.S3.Bucket = "no-such-bucket";
        var missing = (await S3Check.OfAsync(options, default)).ShouldHaveSingleItem();
        (missing.Severity, missing.Detail, missing.Fix).ShouldBe((Severity.Fail, "The object storage has no such bucket", "look at storage.s3.bucket"));
        (options.Storage.S3.Bucket, options.Storage.S3.AccessKey) = (s3.Bucket, null);
        (await S3Check.OfAsync(options, default)).ShouldHaveSingleItem().Severity.ShouldBe(Severity.Fail);
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

    /// <summary>Without what two servers call differently.</summary>
    private static string Plain(string list) =>
        Regex.Replace(list, "token=[^\"\\s&]+|/stream/[^/]+|[a-zA-Z]+Time=\"[^\"]+\"", "", RegexOptions.None, TimeSpan.FromSeconds(5));
}
