using Shouldly;
using Sluice.Server.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>.torrent files and what is in them.</summary>
public sealed class ContentsReaderTests
{
    private const int Piece = 16_384;

    [Fact]
    public void A_file_is_found_with_its_trackers_and_nothing_else_of_the_upload()
    {
        var torrent = TestTorrent.OneFile("film.mp4", new byte[50_000], Piece, "http://t.example/announce", "udp://t.example:1/announce", "ftp://x/");
        byte[] withSeeds = [.. torrent.Bytes[..^1], .. Bencode.Text("url-list"), .. Bencode.Text("http://127.0.0.1/"), (byte)'e'];

        var link = TorrentUpload.TryParse(withSeeds).ShouldNotBeNull();

        link.Hash.ShouldBe(new InfoHash(torrent.Hash, null));
        link.Trackers.ShouldBe(["http://t.example/announce", "udp://t.example:1/announce"]);
        link.Info.ShouldBe(torrent.Info);
        Read(torrent).Files.ShouldBe([new TorrentFile(0, "film.mp4", 0, 50_000)]);
    }

    [Fact]
    public void Of_several_files_the_largest_video_is_meant()
    {
        var contents = Read(TestTorrent.Files("A film", Piece,
            (["extras", "trailer.mkv"], new byte[20_000]), (["film.MKV"], new byte[40_000]), (["film.iso"], new byte[90_000])));

        contents.Name.ShouldBe("A film");
        contents.Length.ShouldBe(150_000);
        contents.Files.Select(f => (f.Path, f.Position, f.Length)).ShouldBe(
            [("extras/trailer.mkv", 0, 20_000), ("film.MKV", 20_000, 40_000), ("film.iso", 60_000, 90_000)]);
        contents.MainFile.Path.ShouldBe("film.MKV");
        Read(TestTorrent.Files("x", Piece, (["a.flac"], new byte[10]), (["b.zip"], new byte[20]))).MainFile.Path.ShouldBe("a.flac");
        Read(TestTorrent.Files("x", Piece, (["a"], new byte[10]), (["b.zip"], new byte[20]))).MainFile.Path.ShouldBe("b.zip");
    }

    [Fact]
    public void Fillers_of_a_hybrid_are_counted_and_not_listed()
    {
        var files = Bencode.List(
            Bencode.Dictionary(("length", Bencode.Number(10_000)), ("path", Bencode.List(Bencode.Text("a.mp4")))),
            Bencode.Dictionary(
                ("attr", Bencode.Text("p")), ("length", Bencode.Number(6_384)), ("path", Bencode.List(Bencode.Text(".pad"), Bencode.Text("6384")))),
            Bencode.Dictionary(("length", Bencode.Number(5)), ("path", Bencode.List(Bencode.Text("b.mp4")))));

        Read(TestTorrent.Of(Info(("files", files), ("pieces", Bencode.Text(new byte[40]))))).Files.ShouldBe(
            [new TorrentFile(0, "a.mp4", 0, 10_000), new TorrentFile(1, "b.mp4", Piece, 5)]);
    }

    [Fact]
    public void Files_of_version_2_begin_with_a_piece()
    {
        var tree = Bencode.Dictionary(
            ("a.mp4", Leaf(10_000)), ("empty", Leaf(0)), ("more", Bencode.Dictionary(("b.mp4", Leaf(20_000)), ("c.mp4", Leaf(1)))));
        var torrent = TestTorrent.Of(Info(("file tree", tree), ("meta version", Bencode.Number(2))));

        TorrentUpload.TryParse(torrent.Bytes).ShouldNotBeNull().Hash.ShouldBe(new InfoHash(null, InfoHash.Of(torrent.Info).V2));
        Read(torrent).Files.Select(f => (f.Path, f.Position, f.Length)).ShouldBe(
            [("a.mp4", 0, 10_000), ("empty", Piece, 0), ("more/b.mp4", Piece, 20_000), ("more/c.mp4", 3 * Piece, 1)]);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("/etc/passwd")]
    [InlineData("../../x.mp4")]
    [InlineData("x\0.mp4")]
    public void Names_that_lead_astray_are_refused(string name)
    {
        const string reason = "The torrent has names that lead out of its folder; it is not taken.";
        Problem(TestTorrent.OneFile(name, new byte[9], Piece).Info).ShouldBe(reason);
        Problem(TestTorrent.Files("x", Piece, (["a.mp4"], new byte[9]), (["folder", name], new byte[9])).Info).ShouldBe(reason);
        Problem(TestTorrent.Files("x", Piece, ([name, "a.mp4"], new byte[9])).Info).ShouldBe(reason);
        Problem(Info(("file tree", Bencode.Dictionary((name, Leaf(9)))))).ShouldBe(reason);
        Problem(Info(("file tree", Bencode.Dictionary((name, Bencode.Dictionary(("a.mp4", Leaf(9)))))))).ShouldBe(reason);
    }

    [Fact]
    public void Links_are_refused()
    {
        const string reason = "The torrent holds symbolic links; it is not taken.";
        var link = Bencode.Dictionary(
            ("attr", Bencode.Text("l")), ("length", Bencode.Number(0)), ("path", Bencode.List(Bencode.Text("a.mp4"))),
            ("symlink path", Bencode.List(Bencode.Text("etc"), Bencode.Text("passwd"))));
        Problem(Info(("files", Bencode.List(link)), ("pieces", Bencode.Text("")))).ShouldBe(reason);
        Problem(Info(("file tree", Bencode.Dictionary(("a", Bencode.Dictionary(("", Bencode.Dictionary(
            ("attr", Bencode.Text("lx")), ("length", Bencode.Number(1)))))))))).ShouldBe(reason);
    }

    [Fact]
    public void Too_many_files_are_refused_with_the_number()
    {
        var files = Enumerable.Range(0, 11).Select(n => ((string[])[$"{n}.mp4"], new byte[10])).ToArray();
        ContentsReader.Read(TestTorrent.Files("x", Piece, files).Info, 10).Problem.ShouldBe("The torrent holds more than 10 files (torrents.mostFiles).");
        ContentsReader.Read(TestTorrent.Files("x", Piece, files).Info, 11).Contents.ShouldNotBeNull();
    }

    [Fact]
    public void Lengths_that_cannot_be_are_refused()
    {
        const string damaged = "The torrent's description is damaged.";
        Problem(One(long.MaxValue, Piece, 20)).ShouldBe(damaged);
        Problem(One(-1, Piece, 20)).ShouldBe(damaged);
        Problem(One(100, Piece, 40)).ShouldBe(damaged);
        Problem(One(100, 0, 20)).ShouldBe(damaged);
        Problem(One(100, 1L << 40, 20)).ShouldBe(damaged);
        Problem(One(0, Piece, 0)).ShouldBeNull();
        Problem(Bencode.Dictionary(("piece length", Bencode.Number(Piece)))).ShouldBe(damaged);
        Problem(Info(("file tree", Bencode.Dictionary()))).ShouldBe("The torrent holds no file.");
        Problem("d4:name"u8.ToArray()).ShouldBe(damaged);
        var folders = Enumerable.Range(0, 100).Aggregate(Leaf(1), (inside, _) => Bencode.Dictionary(("f", inside)));
        Problem(Info(("file tree", folders))).ShouldBe(damaged);

        static byte[] One(long length, long piece, int hashes) => Bencode.Dictionary(
            ("length", Bencode.Number(length)), ("name", Bencode.Text("x")), ("piece length", Bencode.Number(piece)),
            ("pieces", Bencode.Text(new byte[hashes])));
    }

    [Fact]
    public void Names_longer_than_any_file_has_are_refused()
    {
        const string damaged = "The torrent's description is damaged.";
        var (longest, longer) = (new string('x', 1024), new string('x', 1025));
        Problem(TestTorrent.Files("x", Piece, ([longest, longest], new byte[9])).Info).ShouldBeNull();
        Problem(TestTorrent.Files("x", Piece, ([longer, "a.mp4"], new byte[9])).Info).ShouldBe(damaged);
        Problem(Info(("file tree", Bencode.Dictionary((longest, Leaf(9)))))).ShouldBeNull();
        Problem(Info(("file tree", Bencode.Dictionary((longer, Leaf(9)))))).ShouldBe(damaged);
        Problem(Info(("file tree", Bencode.Dictionary((longer, Bencode.Dictionary(("a.mp4", Leaf(9)))))))).ShouldBe(damaged);
    }

    [Theory]
    [InlineData("film\u202e4pm.exe", "film4pm.exe")]
    [InlineData("a\tb\r\n\u001b[31m", "ab[31m")]
    [InlineData("\u0000", null)]
    [InlineData("  film\u200b ", "film")]
    public void Names_are_shown_without_what_is_no_text(string name, string? shown) => TorrentNames.Shown(name).ShouldBe(shown);

    [Fact]
    public void A_long_name_keeps_its_end()
    {
        var shown = TorrentNames.Shown(string.Concat(Enumerable.Repeat("😀", 300)) + ".mkv").ShouldNotBeNull();

        shown.Length.ShouldBeLessThanOrEqualTo(TorrentNames.Longest);
        shown.ShouldEndWith(".mkv");
        shown.ShouldNotContain('\ufffd');
        shown.EnumerateRunes().ShouldAllBe(rune => rune.Value != 0xfffd);
    }

    private static byte[] Leaf(long length) => Bencode.Dictionary(("", Bencode.Dictionary(("length", Bencode.Number(length)))));

    private static byte[] Info(params (string, byte[])[] entries) =>
        Bencode.Dictionary([("name", Bencode.Text("x")), ("piece length", Bencode.Number(Piece)), .. entries]);

    private static TorrentContents Read(TestTorrent torrent) => ContentsReader.Read(torrent.Info, 100).Contents.ShouldNotBeNull();

    private static string? Problem(byte[] info) => ContentsReader.Read(info, 100).Problem;
}
