using System.Globalization;
using System.Text.Json;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>People who begin, play, hang up and stop at random, and somebody who kills what the program has started: afterwards nothing is left.
/// <c>./dev bench sessions</c> does it five hundred times.</summary>
public sealed class SessionStormTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    private const int Actions = 60;
    private const int Most = 4;

    [Fact]
    public async Task After_a_storm_nothing_is_left()
    {
        await using var films = await RangeOrigin.StartAsync();
        films.Content = LongTitle.Of(TimeSpan.FromMinutes(1));
        await using var odd = await RangeOrigin.StartAsync();
        odd.Content = new MemoryByteSource(await MakeOddAsync());
        await using var live = await Upstream.StartAsync();
        for (var n = 0; n < segments.All.Count; n++)
        {
            live.Files[$"live/{n}.ts"] = segments.All[n];
        }

        live.Files["live/film.m3u8"] = ChannelServer.List(0, 12, "#EXT-X-ENDLIST");
        string[] sources =
        [
            .. Enumerable.Range(0, Most).Select(n => Wish($"{films.Home}{n}.mp4")), Wish($"{odd.Home}odd.avi"), Wish(live.Url("live/film.m3u8").Secret),
            Wish(live.Url("none.mp4").Secret), Wish("--script=x"),
        ];
        var folder = Directory.CreateTempSubdirectory("sluice-storm-");
        var data = Path.Combine(folder.FullName, "data");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "sluice.yml"), string.Create(CultureInfo.InvariantCulture, $"""
            outbound:
              allow: ["127.0.0.1/32"]
            ingest:
              resolvers: false
            sessions:
              most: {Most}
              scratchBytes: {Most * films.Content.Length}
            """));
        await using (var program = SluiceProcess.Start(["serve", "-c", "sluice.yml", "--port", "0", "--data", data], folder: folder.FullName))
        {
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
            {
                BaseAddress = new Uri(await program.UrlAsync(data)),
                Timeout = Eventually.Patience,
            };
            var storm = new SessionStorm(http, program.Id, sources, new Random(20261122));

            await storm.RunAsync(Actions);
            await storm.CalmAsync();

            storm.Complaints.ShouldBeEmpty(program.Output);
            storm.Begun.ShouldBeGreaterThan(5);
            (await storm.ListAsync()).ShouldBeEmpty();
            (await Eventually.Holds(() => SessionStorm.ChildrenOf(program.Id).Length == 0)).ShouldBeTrue("a program is left");
            (await Eventually.Holds(() => LeftIn(data).Length == 0)).ShouldBeTrue(string.Join(", ", LeftIn(data)));

            // As many as may, which together keep all that may be kept: no place and no byte has leaked.
            foreach (var source in sources[..Most])
            {
                using var begun = await http.PostAsync("/api/v1/sessions", new StringContent(source, null, "application/json"));
                ((int)begun.StatusCode).ShouldBe(201, await begun.Content.ReadAsStringAsync());
            }
        }

        folder.Delete(recursive: true);
    }

    private static string Wish(string url) => $$"""{"url":{{JsonSerializer.Serialize(url)}}}""";

    /// <summary>What sessions keep on the disk.</summary>
    private static string[] LeftIn(string data) =>
    [
        .. new[] { "media", "stage", "scratch", "torrents" }.Select(folder => Path.Combine(data, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFileSystemEntries(folder)).Select(path => Path.GetRelativePath(data, path)),
    ];

    /// <summary>Ten seconds that must be encoded.</summary>
    private static async Task<byte[]> MakeOddAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-storm-");
        var file = Path.Combine(folder.FullName, "odd.avi");
        Ffmpeg.Run(
            $"-f lavfi -i testsrc2=size=160x90:rate=15:duration=10 -f lavfi -i sine=frequency=440:duration=10 -c:v mpeg4 -q:v 9 -c:a libmp3lame -f avi {file}");
        var bytes = await File.ReadAllBytesAsync(file);
        folder.Delete(recursive: true);
        return bytes;
    }
}
