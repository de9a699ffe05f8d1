using System.Text;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Arriving;

/// <summary>What the first bytes of an arriving file tell, and what they cost.</summary>
public sealed class ArrivalHeadTests
{
    private static readonly string Gops = string.Concat(Enumerable.Repeat("IPBBPBBPBBPB", 8));

    private static Mp4Builder Film => new Mp4Builder().Video(v => v.Frames(Gops, 7200)).Audio(a => a.Packets(300));

    [Fact]
    public void With_its_index_first_it_plays_as_soon_as_every_track_has_its_first_sample()
    {
        var file = Film.Build();
        var (head, landed, looks) = Follow(file);

        head.Plays.ShouldBe(ArrivalPlays.Now);
        looks.ShouldBeLessThan(6);
        var first = new[] { 0, 1 }.Max(track => FirstSampleEnd(file, track));
        landed.ShouldBe(first);
        Look(file, first - 1).ShouldBe(new ArrivalHead(ArrivalPlays.Unknown, first));
    }

    [Theory]
    [InlineData(DataLength.Plain)]
    [InlineData(DataLength.Large)]
    public void With_its_index_last_it_plays_at_the_end_and_tells_so_from_the_first_bytes(object data)
    {
        var (head, landed, _) = Follow(Film.MovieLast().Data((DataLength)data).Build());

        head.Plays.ShouldBe(ArrivalPlays.AtEnd);
        landed.ShouldBeLessThan(100);
    }

    [Fact]
    public void With_all_sound_behind_all_picture_it_needs_to_be_there_almost_whole()
    {
        var file = new Mp4Builder().Video(v => v.Frames(Gops, 7200).PerChunk(1000)).Audio(a => a.Packets(300).PerChunk(1000)).Build();

        var (head, landed, _) = Follow(file);

        head.Plays.ShouldBe(ArrivalPlays.Now);
        landed.ShouldBe(FirstSampleEnd(file, 1));
    }

    [Theory]
    [InlineData(FragmentBase.Moof)]
    [InlineData(FragmentBase.Implied)]
    public void In_fragments_it_plays_as_soon_as_they_tell_enough_of_every_track(object dataBase)
    {
        var file = Film.Fragmented(12, dataBase: (FragmentBase)dataBase).Build();

        var (head, landed, _) = Follow(file);

        head.Plays.ShouldBe(ArrivalPlays.Now);
        landed.ShouldBeLessThan(file.Length / 2);
        Look(file, file.Length).Plays.ShouldBe(ArrivalPlays.Now);
    }

    [Fact]
    public void An_index_that_promises_fragments_of_which_there_are_none_is_one_in_one_piece()
    {
        var file = Film.Fragmented(1000, inHead: 1000).Build();

        Follow(file).Head.Plays.ShouldBe(ArrivalPlays.Now);
    }

    [Fact]
    public void Sound_alone_in_fragments_plays_at_the_end()
    {
        Follow(new Mp4Builder().Audio(a => a.Packets(300)).Fragmented(40).Build()).Head.Plays.ShouldBe(ArrivalPlays.AtEnd);
    }

    [Fact]
    public void A_track_of_which_no_fragment_comes_is_not_waited_for_without_end()
    {
        var silent = new Mp4Builder().Video(v => v.Frames(string.Concat(Enumerable.Repeat("Ip", 6000)), 7200)).Audio(_ => { }).Fragmented(2).Build();

        var (head, landed, looks) = Follow(silent);

        head.Plays.ShouldBe(ArrivalPlays.AtEnd);
        landed.ShouldBeLessThan(silent.Length);
        looks.ShouldBeLessThan(40);
        Look(silent, silent.Length).Plays.ShouldBe(ArrivalPlays.AtEnd); // However much has landed, it is the same.
    }

    [Theory]
    [InlineData("G@\u0010\0\0\u00B0\r\0\u0001\u00C1\0\0\0\u0001\u00F0\0*\u00B1\u0004\u00B2G@\u0011\u0010\0")] // MPEG-TS
    [InlineData("\u001AE\u00DF\u00A3\u0001\0\0\0\0\0\0#B\u0086\u0081\u0001B\u00F7\u0081\u0001B\u00F2\u0081\u0004B\u00F3\u0081\b")] // Matroska
    [InlineData("RIFF$\u0001\u0002\0AVI LIST\u00D4\u0003\0\0hdrlavih8\0\0\0")]
    [InlineData("Hello, this is a text and no film at all.")]
    [InlineData("")]
    [InlineData("ab")]
    public void What_is_no_movie_is_told_from_its_first_bytes(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);

        Look(bytes, bytes.Length).ShouldBe(new ArrivalHead(ArrivalPlays.NotMovie, 0));
    }

    [Fact]
    public void A_movie_header_longer_than_the_file_plays_at_the_end()
    {
        byte[] file = [.. BoxWriting.Box("ftyp", new byte[8]), 0x7F, 0, 0, 0, .. "moov"u8, .. new byte[64]];

        Follow(file).Head.Plays.ShouldBe(ArrivalPlays.AtEnd);
    }

    [Fact]
    public void Boxes_without_end_before_the_movie_header_are_not_followed()
    {
        var file = Film.First([.. Enumerable.Repeat(BoxWriting.Box("free"), 1000).SelectMany(b => b)]).Build();

        var (head, landed, _) = Follow(file);

        head.Plays.ShouldBe(ArrivalPlays.AtEnd);
        landed.ShouldBeLessThan(4096);
    }

    [Fact]
    public void Samples_that_are_claimed_for_nothing_are_not_counted()
    {
        // A gigabyte is announced, and four billion samples of one byte: a kilobyte that would keep a scan busy for minutes.
        var file = new Mp4Builder().Video(v => v.Frames("IppIpp"))
            .Audio(a => a.Packets(4).Table("stsz", BoxWriting.Words("stsz", 1, uint.MaxValue))).Build();
        var announced = new Announced(file, 1L << 30);

        ArrivalHead.Look(announced, file.Length).Plays.ShouldBe(ArrivalPlays.AtEnd);
    }

    [Fact]
    public void Runs_that_claim_samples_for_nothing_are_waited_for()
    {
        var trun = BoxWriting.FullBox("trun", 0, 1, w =>
        {
            w.WriteUInt32(uint.MaxValue);
            w.WriteInt32(0);
        });
        var file = Film.Fragmented(40).Build();
        var bomb = BoxWriting.Box("moof", BoxWriting.Words("mfhd", 1), BoxWriting.Box("traf", BoxWriting.FullBox("tfhd", 0, 0x20018, w =>
        {
            w.WriteUInt32(1);
            w.WriteUInt32(1);
            w.WriteUInt32(1);
        }), trun));
        byte[] whole = [.. file, .. bomb];
        var announced = new Announced(whole, 1L << 30);
        var movie = CompiledTrack.Read(announced);

        var scan = TrackScan.Run(announced, movie, movie.Tracks[0]);

        scan.IsOpen.ShouldBeTrue();
        scan.SampleCount.ShouldBe(Gops.Length);
    }

    [Fact]
    public void Made_up_bytes_never_throw_and_never_ask_for_what_has_landed()
    {
        var random = new Random(5);
        var film = Film.Fragmented(12).Build();
        for (var n = 0; n < 2000; n++)
        {
            var bytes = film.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                bytes[random.Next(Math.Min(bytes.Length, 1200))] = (byte)random.Next(256);
            }

            Follow(bytes);
        }
    }

    private static long FirstSampleEnd(byte[] file, int track)
    {
        var source = new MemoryByteSource(file);
        CompiledTrack.Read(source).Tracks[track].OpenSamples(source).TryRead(out var sample).ShouldBeTrue();
        return sample.Offset + sample.SizeBytes;
    }

    private static ArrivalHead Look(byte[] file, long landed) =>
        ArrivalHead.Look(new LandedSource(new MemoryByteSource(file)) { Landed = landed }, landed);

    /// <summary>Looks when it is asked to, and as soon as it may.</summary>
    private static (ArrivalHead Head, long Landed, int Looks) Follow(byte[] file)
    {
        var source = new LandedSource(new MemoryByteSource(file));
        for (var looks = 1; ; looks++)
        {
            var head = ArrivalHead.Look(source, source.Landed);
            if (head.Plays != ArrivalPlays.Unknown || source.Landed == file.Length)
            {
                return (head, source.Landed, looks);
            }

            head.NeedBytes.ShouldBeInRange(source.Landed + 1, file.Length);
            source.Landed = head.NeedBytes;
        }
    }

    /// <summary>A file that is said to become longer than it is.</summary>
    private sealed class Announced(byte[] landed, long length) : IByteSource
    {
        private readonly MemoryByteSource _landed = new(landed);

        public long Length => length;

        public int Read(long offset, Span<byte> destination) => _landed.Read(offset, destination);
    }
}
