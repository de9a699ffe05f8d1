using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Server.Deliver;
using Sluice.Server.Store;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Deliver;

/// <summary>Whatever way the pieces of a segment lie in their files, its payload comes out as they say.</summary>
public sealed class PayloadReaderTests
{
    private static readonly byte[][] Files = [Noise(1, 200_000), Noise(2, 50_000)];

    [Fact]
    public async Task Any_pieces_read_with_any_buffer_from_any_place_give_what_the_extents_say()
    {
        var random = new Random(20);
        for (var round = 0; round < 400; round++)
        {
            var extents = Pieces(random);
            var expected = extents.SelectMany(e => Files[e.Source].AsSpan((int)e.Offset, e.LengthBytes).ToArray()).ToArray();
            var skip = random.Next(expected.Length + 1);
            using var track = await OpenAsync(extents);

            (await ReadAsync(track, extents, skip, random)).ShouldBe(expected[skip..], $"round {round}, from byte {skip}");
        }
    }

    [Fact]
    public async Task A_run_of_pieces_with_narrow_gaps_is_one_read()
    {
        Extent[] extents = [.. Enumerable.Range(0, 20).Select(i => new Extent(i * 1500, 1000, 0))];
        var source = new CountingReader(Files[0]);
        using var track = await OpenAsync(extents, source);
        var buffer = new byte[64 * 1024];

        (await new PayloadReader(new StoredSegment(track, default), Blob(extents), 0).ReadAsync(buffer, CancellationToken.None)).ShouldBe(20_000);

        source.Reads.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_is_shorter_than_its_index_says_is_an_error()
    {
        Extent[] extents = [new(Files[0].Length - 10, 20, 0)];
        using var track = await OpenAsync(extents);

        await Should.ThrowAsync<InvalidDataException>(
            async () => await new PayloadReader(new StoredSegment(track, default), Blob(extents), 0).ReadAsync(new byte[64], CancellationToken.None));
    }

    private static async Task<byte[]> ReadAsync(StoredTrack track, Extent[] extents, int skip, Random random)
    {
        var reader = new PayloadReader(new StoredSegment(track, default), Blob(extents), skip);
        using var all = new MemoryStream();
        var buffer = new byte[random.Next(1, 20_000)];
        while (await reader.ReadAsync(buffer, CancellationToken.None) is > 0 and var read)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    /// <summary>Forwards, mostly; now and then backwards, over each other, or in the other file.</summary>
    private static Extent[] Pieces(Random random)
    {
        var pieces = new List<Extent>();
        var at = random.Next(1000);
        for (var count = random.Next(1, 30); count > 0; count--)
        {
            var source = random.Next(12) == 0 ? 1 : 0;
            at = random.Next(10) == 0 ? random.Next(40_000) : at + random.Next(random.Next(2) == 0 ? 300 : 6000);
            var length = random.Next(1, 3000);
            at = Math.Min(at, Files[source].Length - length);
            pieces.Add(new Extent(at, length, source));
            at += length;
        }

        return [.. pieces];
    }

    private static byte[] Blob(Extent[] extents)
    {
        var blob = new byte[extents.Length * Extent.Size];
        for (var i = 0; i < extents.Length; i++)
        {
            extents[i].WriteTo(blob.AsSpan(i * Extent.Size));
        }

        return blob;
    }

    private static async Task<StoredTrack> OpenAsync(Extent[] extents, IObjectReader? source = null) =>
        (await StoredTrack.OpenAsync(
            new CountingReader(SmallIndex.Of(TrackKind.Audio, [extents])), source ?? new CountingReader(Files[0]),
            new CountingReader(Files[1]), null, CancellationToken.None)).ShouldNotBeNull();

    private static byte[] Noise(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
