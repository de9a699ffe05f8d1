using System.Globalization;
using System.Net;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Live.Fragments;

/// <summary>Channels whose source is fragments, over HTTP: players that fetch segments get those, others an endless body.</summary>
public sealed class FragmentChannelTests(LiveSegments segments, FragmentFilms films) : IClassFixture<LiveSegments>, IClassFixture<FragmentFilms>
{
    private const int Pictures = 300;

    [Theory]
    [InlineData("both.m3u8", 1)]
    [InlineData("apart.m3u8", 2)]
    [InlineData("ts.m3u8", 1)]
    public async Task It_plays_in_ffmpeg_both_ways(string source, int playlists)
    {
        await using var server = await StartAsync(source);
        var endless = await server.Http.GetByteArrayAsync("/live/film", TestContext.Current.CancellationToken);
        TsCheck.Of(endless).Problems.ShouldBeEmpty();
        var file = films.Write("viewer.ts", endless);
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        Count("v", file).ShouldBeInRange(Pictures / 6, Pictures, "whoever comes in does so at the newest point");
        Count("a", file).ShouldBeGreaterThan(80);

        var url = new Uri(server.Http.BaseAddress!, "/live/film/index.m3u8").AbsoluteUri;
        var index = HlsPlaylistReader.TryRead(await server.Http.GetByteArrayAsync(url, TestContext.Current.CancellationToken), out var problem);
        problem.ShouldBeNull();
        (index is HlsMultivariantPlaylist).ShouldBe(playlists == 2);
        Ffmpeg.Run("-xerror -i", url, "-f", "null", "-");
        Count("v", url).ShouldBe(Pictures);
        Count("a", url).ShouldBeInRange(560, 566);
    }

    [Fact]
    public async Task Without_an_endless_body_it_is_said_why_and_there_is_hls()
    {
        films.Make("-f lavfi -i testsrc2=size=160x90:rate=25:duration=8 -c:v libsvtav1 -preset 12 -g 50 -pix_fmt yuv420p", "av1", fragments: true);
        await using var server = await StartAsync("av1.m3u8");

        using var endless = await server.Http.GetAsync("/live/film", TestContext.Current.CancellationToken);

        endless.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        var reason = await endless.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        reason.ShouldContain("upstream-unusable");
        reason.ShouldContain("only HLS: its video: av01");
        Count("v", new Uri(server.Http.BaseAddress!, "/live/film/index.m3u8").AbsoluteUri).ShouldBeInRange(100, 200, "players begin three segments before the end");
    }

    private static int Count(string stream, string source) =>
        int.Parse(Ffmpeg.Probe($"-select_streams {stream} -count_packets -show_entries stream=nb_read_packets -of csv=p=0", source)[0].Trim(','), CultureInfo.InvariantCulture);

    private async Task<ChannelServer> StartAsync(string source)
    {
        var server = await ChannelServer.StartAsync(segments);
        foreach (var file in Directory.EnumerateFiles(films.PathOf("")))
        {
            server.Upstream.Files[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file);
        }

        server.Set("film", source);
        return server;
    }
}
