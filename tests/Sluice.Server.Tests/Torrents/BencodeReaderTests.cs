using System.Text;
using Shouldly;
using Sluice.Server.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>Bencoded bytes, honest ones and others.</summary>
public sealed class BencodeReaderTests
{
    [Fact]
    public void What_was_written_is_read()
    {
        var reader = new BencodeReader(Bencode.Dictionary(
            ("a", Bencode.Number(-7)), ("b", Bencode.List(Bencode.Text("x"), Bencode.Text(""))), ("c", Bencode.Dictionary(("d", Bencode.List())))));
        reader.EnterDictionary();

        reader.HasMore().ShouldBeTrue();
        Encoding.ASCII.GetString(reader.ReadText()).ShouldBe("a");
        reader.ReadInteger().ShouldBe(-7);
        reader.ReadText();
        reader.EnterList();
        reader.HasMore().ShouldBeTrue();
        Encoding.ASCII.GetString(reader.ReadText()).ShouldBe("x");
        reader.ReadText().Length.ShouldBe(0);
        reader.HasMore().ShouldBeFalse();
        reader.ReadText();
        Encoding.ASCII.GetString(reader.ReadRaw()).ShouldBe("d1:dlee");
        reader.HasMore().ShouldBeFalse();
        reader.IsAtEnd.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("5:abcd")]
    [InlineData("99999999999999999999:a")]
    [InlineData("-1:a")]
    [InlineData("4294967297:a")]
    [InlineData("i12")]
    [InlineData("ie")]
    [InlineData("i1.5e")]
    [InlineData("i+1e")]
    [InlineData("i 1e")]
    [InlineData("l1:a")]
    [InlineData("d1:a")]
    [InlineData("e")]
    [InlineData("x")]
    [InlineData("01234567890123456789012:a")]
    public void What_is_none_is_broken(string text)
    {
        var reader = new BencodeReader(Encoding.ASCII.GetBytes(text));

        reader.ReadRaw().Length.ShouldBe(0);
        reader.IsBroken.ShouldBeTrue();
        reader.IsAtEnd.ShouldBeFalse();
    }

    [Fact]
    public void Depth_costs_nothing()
    {
        var deep = Encoding.ASCII.GetBytes(new string('l', 1_000_000) + new string('e', 1_000_000));
        var reader = new BencodeReader(deep);

        reader.ReadRaw().Length.ShouldBe(deep.Length);
        reader.IsAtEnd.ShouldBeTrue();
    }

    /// <summary>Bytes like those of torrents, with some of them changed: nothing is thrown and nothing is endless.</summary>
    [Fact]
    public void Made_up_bytes_are_read_or_refused()
    {
        var random = new Random(20);
        var honest = TestTorrent.OneFile("film.mp4", new byte[100_000], 16_384).Bytes;
        for (var i = 0; i < 3000; i++)
        {
            var bytes = honest[..random.Next(honest.Length)];
            for (var change = random.Next(4); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)"0123456789deil:-x"[random.Next(17)];
            }

            if (TorrentUpload.TryParse(bytes) is { Info: { } info })
            {
                ContentsReader.Read(info, 100).ShouldSatisfyAllConditions(answer => (answer.Contents is null).ShouldBe(answer.Problem is not null));
            }
        }
    }
}
