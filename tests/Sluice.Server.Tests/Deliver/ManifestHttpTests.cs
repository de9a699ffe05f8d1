using System.Net;
using System.Xml.Linq;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Deliver;

/// <summary>HLS and DASH of a real title: the same segments, every listed one there, the token only where it was sent.</summary>
public sealed class ManifestHttpTests(Clip clip) : IClassFixture<Clip>
{
    private static readonly XNamespace Mpd = "urn:mpeg:dash:schema:mpd:2011";

    [Fact]
    public async Task Hls_and_dash_name_the_same_segments_and_all_of_them_are_there()
    {
        await using var title = await Published.PublishAsync(clip.Path);
        var hls = new List<Uri>();
        foreach (var playlist in await title.ListAsync(title.Hls))
        {
            hls.AddRange(await title.ListAsync(playlist));
        }

        var dash = Expand(title.Dash, XDocument.Parse(await title.Server.Http.GetStringAsync(title.Dash)));
        dash.Order(StringComparer.Ordinal).ShouldBe(hls.Select(u => u.AbsoluteUri).Order(StringComparer.Ordinal));
        foreach (var uri in hls)
        {
            var bytes = await title.Server.Http.GetByteArrayAsync(uri);
            bytes.Length.ShouldBeGreaterThan(100);
        }
    }

    [Fact]
    public async Task Audio_renditions_have_language_and_name()
    {
        await using var title = await Published.PublishAsync(clip.Path);
        var master = await title.Server.Http.GetStringAsync(title.Hls);

        master.ShouldContain("LANGUAGE=\"en\"");
        master.ShouldContain("NAME=\"English\"");
        master.ShouldContain("LANGUAGE=\"de\"");
        master.ShouldContain("#EXT-X-INDEPENDENT-SEGMENTS");
        XDocument.Parse(await title.Server.Http.GetStringAsync(title.Dash)).Descendants(Mpd + "AdaptationSet")
            .Select(a => (string?)a.Attribute("lang")).ShouldBe([null, "en", "de"]);
    }

    [Fact]
    public async Task A_title_whose_files_are_gone_is_unknown()
    {
        await using var title = await Published.PublishAsync(clip.Path);
        Directory.Delete(Path.Combine(title.Server.Data, "media", title.Media.Text("id")), recursive: true);

        foreach (var link in new[] { title.Hls, title.Dash })
        {
            using var answer = await title.Server.Http.GetAsync(link);

            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await answer.JsonAsync()).Text("code").ShouldBe("media-unknown");
        }
    }

    [Fact]
    public async Task The_token_goes_into_the_urls_only_when_it_came_in_one()
    {
        await using var title = await Published.PublishAsync(clip.Path);
        var token = title.Media.GetProperty("playback").Text("token");
        using var request = new HttpRequestMessage(HttpMethod.Get, title.Hls.GetLeftPart(UriPartial.Path));
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await title.Server.Http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("token");
        (await title.Server.Http.GetStringAsync(title.Hls)).ShouldContain("index.m3u8?token=" + token);
    }

    [Fact]
    public async Task A_playlist_can_be_asked_for_in_parts_and_by_head()
    {
        await using var title = await Published.PublishAsync(clip.Path);
        var whole = await title.Server.Http.GetStringAsync(title.Hls);
        using var request = new HttpRequestMessage(HttpMethod.Get, title.Hls) { Headers = { Range = new(3, 200) } };
        using var part = await title.Server.Http.SendAsync(request);
        using var head = await title.Server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, title.Hls));

        (await part.Content.ReadAsStringAsync()).ShouldBe(whole[3..201]);
        head.Content.Headers.ContentLength.ShouldBe(whole.Length);
        head.Content.Headers.ContentType!.MediaType.ShouldBe("application/vnd.apple.mpegurl");
    }

    [Fact]
    public async Task The_mpeg_ts_view_has_the_same_timeline_and_is_decoded_in_silence()
    {
        await using var title = await Published.PublishAsync(clip.Path);
        var track = await title.TrackAsync("v0");
        var ts = new Uri(track.AbsoluteUri.Replace("/v0/index.m3u8", "/ts/v0-a0/index.m3u8", StringComparison.Ordinal));

        Ffmpeg.Run($"-i {ts} -f null -");
        var source = await PacketStream.ReadAsync(clip.Path);
        var ours = await PacketStream.ReadAsync(ts.AbsoluteUri);
        foreach (var kind in (string[])["video", "audio"])
        {
            var theirs = source.First(s => s.Kind == kind);
            var packets = ours.Single(s => s.Kind == kind).Packets;
            packets.Count.ShouldBe(theirs.Packets.Count);
            // 10 s for the clock, 1 s of origin; 90 kHz rounds by at most one tick.
            packets.Zip(theirs.Packets).ShouldAllBe(p =>
                Math.Abs((p.First.Pts - (11 * 90_000) - (p.Second.Pts * 90_000 / theirs.TicksPerSecond))!.Value) <= 1);
        }
    }

    [Fact]
    public async Task A_pyhls_title_is_one_playlist_of_ts_segments_that_play()
    {
        await using var server = await SluiceServer.StartAsync(realPackager: true);
        using var answer = await server.UploadFileAsync(clip.Path, "/upload/?expiry_minutes=60");
        var playlist = new Uri((await answer.JsonAsync()).Text("playlist_url"));
        var text = await server.Http.GetStringAsync(playlist);

        text.ShouldContain("\nsegment0.ts?token=");
        Ffmpeg.Run($"-i {playlist} -f null -");
        using var segment = await server.Http.GetAsync(new Uri(playlist, "segment0.ts" + playlist.Query));
        segment.Content.Headers.ContentType!.MediaType.ShouldBe("video/mp2t");
        using var none = await server.Http.GetAsync(new Uri(playlist, "segment99.ts" + playlist.Query));
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static IEnumerable<string> Expand(Uri manifest, XDocument mpd)
    {
        foreach (var template in mpd.Descendants(Mpd + "SegmentTemplate"))
        {
            yield return new Uri(manifest, (string)template.Attribute("initialization")!).AbsoluteUri;
            var number = (int)template.Attribute("startNumber")!;
            foreach (var s in template.Descendants(Mpd + "S"))
            {
                for (var repeat = (int?)s.Attribute("r") ?? 0; repeat >= 0; repeat--)
                {
                    var media = ((string)template.Attribute("media")!).Replace("$Number$", $"{number++}", StringComparison.Ordinal);
                    yield return new Uri(manifest, media).AbsoluteUri;
                }
            }
        }
    }
}
