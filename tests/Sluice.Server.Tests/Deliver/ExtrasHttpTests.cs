using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Shouldly;
using Sluice.Media.Text;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Deliver;

/// <summary>Posters, storyboards and subtitles as players get them.</summary>
public sealed class ExtrasHttpTests(Captioned film) : IClassFixture<Captioned>
{
    private static readonly XNamespace Mpd = "urn:mpeg:dash:schema:mpd:2011";

    [Fact]
    public async Task Links_lead_to_a_poster_a_storyboard_and_subtitles()
    {
        var (title, media) = await film.PublishAsync();
        await using var server = title;
        var links = media.GetProperty("playback");

        var poster = await GetAsync(title, links.Text("poster"), "image/jpeg");
        poster[..2].ShouldBe([0xFF, 0xD8]);
        using var again = await title.Server.SendAsync(HttpMethod.Get, links.Text("poster"), headers: ("If-None-Match", await EtagAsync(title, links.Text("poster"))));
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);

        var board = System.Text.Encoding.UTF8.GetString(await GetAsync(title, links.Text("storyboard"), "text/vtt"));
        var pictures = Regex.Matches(board, "^(?<uri>storyboard-.*)#xywh=\\d+,\\d+,160,90$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        pictures.Count.ShouldBe(7, board);
        await GetAsync(title, new Uri(new Uri(links.Text("storyboard")), pictures[0].Groups["uri"].Value).AbsoluteUri, "image/jpeg");

        links.GetProperty("subtitles").EnumerateArray().Select(s => s.Text("language")).ShouldBe(["en", "de"]);
        var text = await GetAsync(title, links.GetProperty("subtitles")[0].Text("url"), "text/vtt");
        SubtitleText.Read(text).Cues.ShouldBe([new Cue(5000, 7000, "At five")]);
        media.GetProperty("hasPoster").GetBoolean().ShouldBeTrue();
        media.GetProperty("subtitles").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Hls_ties_the_cues_to_the_clock_of_its_segments()
    {
        var (title, _) = await film.PublishAsync();
        await using var server = title;
        var master = await title.Server.Http.GetStringAsync(title.Hls);
        master.ShouldContain("TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"German\",LANGUAGE=\"de\"");
        master.ShouldContain("SUBTITLES=\"subtitles\"");

        var playlist = await title.TrackAsync("s1");
        (await title.Server.Http.GetStringAsync(playlist)).ShouldContain("#EXTINF:13.0");
        var segment = (await title.ListAsync(playlist)).ShouldHaveSingleItem();
        var text = await title.Server.Http.GetStringAsync(segment);

        // Where the first picture is on the segments' timeline, by ffprobe.
        var video = await title.TrackAsync("v0");
        var start = Ffmpeg.Probe("-select_streams v -show_entries packet=pts_time -of csv=p=0 -read_intervals %+1", video.AbsoluteUri)
            .Min(line => double.Parse(line.TrimEnd(','), System.Globalization.CultureInfo.InvariantCulture));
        text.ShouldStartWith($"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{Math.Round(start * 90_000)}\n\n00:00:05.000 --> 00:00:07.000\n");
    }

    [Fact]
    public async Task Dash_names_the_files_themselves()
    {
        var (title, _) = await film.PublishAsync();
        await using var server = title;
        var mpd = XDocument.Parse(await title.Server.Http.GetStringAsync(title.Dash));

        var sets = mpd.Descendants(Mpd + "AdaptationSet").Where(a => (string?)a.Attribute("contentType") == "text").ToList();

        sets.Select(s => (string?)s.Attribute("lang")).ShouldBe(["en", "de"]);
        var text = await GetAsync(title, new Uri(title.Dash, sets[1].Descendants(Mpd + "BaseURL").Single().Value).AbsoluteUri, "text/vtt");
        SubtitleText.Read(text).Cues.ShouldHaveSingleItem();
        System.Text.Encoding.UTF8.GetString(text).ShouldNotContain("X-TIMESTAMP-MAP");
    }

    [Fact]
    public async Task Files_can_be_had_in_parts()
    {
        var (title, _) = await film.PublishAsync();
        await using var server = title;
        var segment = (await title.ListAsync(await title.TrackAsync("s0"))).Single().AbsoluteUri;
        var whole = await title.Server.Http.GetByteArrayAsync(segment);
        for (var from = 0; from < whole.Length; from += 13)
        {
            var to = Math.Min(from + 20, whole.Length - 1);
            using var answer = await title.Server.SendAsync(HttpMethod.Get, segment, headers: ("Range", $"bytes={from}-{to}"));
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(whole[from..(to + 1)]);
        }

        using var head = await title.Server.SendAsync(HttpMethod.Head, segment);
        head.Content.Headers.ContentLength.ShouldBe(whole.Length);
    }

    [Fact]
    public async Task Nothing_is_had_without_a_token_and_nothing_that_is_not_there()
    {
        var (title, media) = await film.PublishAsync();
        await using var server = title;
        var home = $"/stream/{media.Text("id")}";
        var token = "?token=" + title.Media.GetProperty("playback").Text("token");
        foreach (var path in (string[])["/poster.jpg", "/storyboard.vtt", "/storyboard-1.jpg"])
        {
            using var refused = await title.Server.Http.GetAsync(home + path);
            await refused.ShouldBeProblemAsync(403, "token-missing");
            (await title.Server.Http.GetAsync(home + path + token)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }

        using var sheet = await title.Server.Http.GetAsync(home + "/storyboard-2.jpg" + token);
        await sheet.ShouldBeProblemAsync(404, "extra-unknown");
        foreach (var path in (string[])["/s0/2.vtt", "/s9/1.vtt", "/s0/init.mp4"])
        {
            var version = title.Hls.AbsoluteUri.Length > 0 ? (await title.TrackAsync("s0")).AbsolutePath.Split('/')[3] : "";
            using var unknown = await title.Server.Http.GetAsync($"{home}/{version}{path}{token}");
            await unknown.ShouldBeProblemAsync(404, "segment-unknown");
        }
    }

    [Fact]
    public async Task A_title_without_extras_says_so()
    {
        await using var title = await Published.PublishAsync(film.Path);
        var home = $"/stream/{title.Media.Text("id")}";
        var token = "?token=" + title.Media.GetProperty("playback").Text("token");
        foreach (var path in (string[])["/poster.jpg", "/storyboard.vtt", "/storyboard-1.jpg"])
        {
            using var unknown = await title.Server.Http.GetAsync(home + path + token);
            await unknown.ShouldBeProblemAsync(404, "extra-unknown");
        }
    }

    [Fact]
    public async Task The_operator_sees_posters_without_a_token()
    {
        var (title, media) = await film.PublishAsync();
        await using var server = title;

        await GetAsync(title, $"/api/v1/media/{media.Text("id")}/poster.jpg", "image/jpeg");
    }

    private static async Task<byte[]> GetAsync(Published title, string url, string type)
    {
        using var answer = await title.Server.Http.GetAsync(url);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, url);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task<string> EtagAsync(Published title, string url)
    {
        using var answer = await title.Server.Http.GetAsync(url);
        return answer.Headers.ETag!.Tag;
    }
}
