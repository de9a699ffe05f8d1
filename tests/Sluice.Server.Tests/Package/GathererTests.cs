using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Server.Catalog;
using Sluice.Server.Deliver;
using Sluice.Server.Ingest;
using Sluice.Server.Package;
using Sluice.Server.Store;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Package;

/// <summary>Gathering changes where a track's bytes lie, and nothing else.</summary>
public sealed class GathererTests : IDisposable
{
    /// <summary>Three segments of twenty pieces of 200 bytes, 2000 bytes apart.</summary>
    private static readonly Extent[][] Interleaved =
        [.. Enumerable.Range(0, 3).Select(s => Enumerable.Range(0, 20).Select(i => new Extent((s * 40_000) + (i * 2000), 200, 0)).ToArray())];

    private readonly string _data = Directory.CreateTempSubdirectory("sluice-test-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Interleaved_sound_is_gathered_after_publishing_and_served_the_same()
    {
        await using var server = await StartAsync(TrackKind.Audio, Interleaved);
        var asset = await server.PublishAsync();

        (await Eventually.Holds(() =>
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1)); // It leaves the first viewers some quiet time.
            return server.StoredFiles().Contains($"media/{asset.Text("id")}/a0.dat");
        })).ShouldBeTrue();
        (await Eventually.Holds(() => server.Logs.Lines.Any(l => l.Contains("Gathered 1")))).ShouldBeTrue();

        var source = await File.ReadAllBytesAsync(Path.Combine(_data, "media", asset.Text("id"), "source"));
        for (var n = 1; n <= 3; n++)
        {
            var (head, payload, extents) = await ReadAsync(server, asset.Text("id"), n);
            head.ShouldBe("the segment's head"u8.ToArray());
            payload.ShouldBe(Interleaved[n - 1].SelectMany(e => source.AsSpan((int)e.Offset, e.LengthBytes).ToArray()).ToArray());
            extents.ShouldBe(1);
        }

        server.StoredFiles().ShouldNotContain(f => f.StartsWith("stage/"));
    }

    [Fact]
    public async Task What_an_earlier_process_left_is_gathered_at_the_next_start()
    {
        string id;
        await using (var first = await StartAsync(TrackKind.Audio, Interleaved, gather: false))
        {
            id = (await first.PublishAsync()).Text("id");
            first.StoredFiles().ShouldNotContain($"media/{id}/a0.dat");
        }

        await using var second = await StartAsync(TrackKind.Audio, Interleaved);

        (await Eventually.Holds(() => second.StoredFiles().Contains($"media/{id}/a0.dat"))).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_gathered_is_not_gathered_again()
    {
        await using var server = await StartAsync(TrackKind.Audio, Interleaved, gather: false);
        var asset = await PublishedAsync(server);

        (await GatherAsync(server, asset)).ShouldBe(1);
        (await GatherAsync(server, asset)).ShouldBe(0);
    }

    [Theory]
    [InlineData(TrackKind.Video, 200, "pictures stay in the source: a second copy of them would double the disk")]
    [InlineData(TrackKind.Audio, 20_000, "long pieces are read well where they lie")]
    public async Task Other_tracks_stay_where_they_are(TrackKind kind, int pieceBytes, string why)
    {
        await using var server = await StartAsync(kind, [[new Extent(0, pieceBytes, 0), new Extent(40_000, pieceBytes, 0)]], gather: false);
        var asset = await PublishedAsync(server);

        (await GatherAsync(server, asset)).ShouldBe(0, why);

        server.StoredFiles().ShouldNotContain(f => f.EndsWith(".dat"));
    }

    private static Task<int> GatherAsync(SluiceServer server, Asset asset) =>
        server.App.Services.GetRequiredService<Gatherer>().GatherAsync(asset, CancellationToken.None);

    private static async Task<Asset> PublishedAsync(SluiceServer server)
    {
        var id = (await server.PublishAsync()).Text("id");
        AssetId.TryParse(id, null, out var parsed).ShouldBeTrue();
        return (await server.Assets.FindAsync(parsed, CancellationToken.None)).ShouldNotBeNull();
    }

    private static async Task<(byte[] Head, byte[] Payload, int Extents)> ReadAsync(SluiceServer server, string id, int number)
    {
        AssetId.TryParse(id, null, out var parsed).ShouldBeTrue();
        var asset = (await server.Assets.FindAsync(parsed, CancellationToken.None)).ShouldNotBeNull();
        var open = (await server.App.Services.GetRequiredService<OpenAssetCache>().HoldAsync(asset, CancellationToken.None)).ShouldNotBeNull();
        var track = open.Find("a0").ShouldNotBeNull();
        using var segment = (await track.FindAsync(number, CancellationToken.None)).ShouldNotBeNull();
        var entry = segment.Entry;
        var blob = new byte[entry.BlobBytes];
        await segment.ReadBlobAsync(blob, CancellationToken.None);
        var payload = new byte[entry.PayloadBytes];
        var reader = new PayloadReader(segment, blob.AsMemory(entry.HeadBytes), 0);
        for (var filled = 0; filled < payload.Length;)
        {
            var read = await reader.ReadAsync(payload.AsMemory(filled), CancellationToken.None);
            read.ShouldBeGreaterThan(0);
            filled += read;
        }

        open.Release();
        return (blob[..entry.HeadBytes], payload, entry.ExtentCount);
    }

    /// <summary>A server that packages anything as one sound track with these extents over a source of noise.</summary>
    private Task<SluiceServer> StartAsync(TrackKind kind, IReadOnlyList<Extent[]> segments, bool gather = true) => SluiceServer.StartAsync(
        data: _data,
        configure: builder =>
        {
            builder.Services.AddSingleton<PackageStep>(async (stage, _, _, ct) =>
            {
                var noise = new byte[200_000];
                new Random(7).NextBytes(noise);
                await File.WriteAllBytesAsync(stage.PathOf("source"), noise, ct);
                await File.WriteAllBytesAsync(stage.PathOf("a0.idx"), SmallIndex.Of(kind, segments), ct);
                return new PackageResult(
                    null, AssetState.Ready, null, "abcd", segments.Count,
                    [new TrackVerdict("a0", "audio", "aac LC", "copy", "plays as it is", "mp4a.40.2", null, null)]);
            });
            if (!gather)
            {
                builder.Services.AddSingleton<AfterPublish>((_, _) => { });
            }
        });
}
