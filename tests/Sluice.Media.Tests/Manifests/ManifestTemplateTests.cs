using System.Buffers;
using System.Text;
using Shouldly;
using Sluice.Media.Manifests;
using Xunit;

namespace Sluice.Media.Tests.Manifests;

public sealed class ManifestTemplateTests
{
    private static ManifestTemplate Playlist(QueryEscaping escaping = QueryEscaping.None)
    {
        var builder = new ManifestBuilder(escaping);
        builder.AppendUri("a.ts");
        builder.Append("\n"u8);
        builder.AppendUri("b.ts");
        builder.AppendQueryGap();
        builder.Append("\nend"u8);
        return builder.Build();
    }

    [Fact]
    public void The_query_goes_into_every_gap_and_length_agrees()
    {
        Playlist().Text("?t=1").ShouldBe("a.ts?t=1\nb.ts?t=1?t=1\nend");
        Playlist().GetLength("?t=1"u8).ShouldBe("a.ts?t=1\nb.ts?t=1?t=1\nend".Length);
        Playlist().Text().ShouldBe("a.ts\nb.ts\nend");
    }

    [Theory]
    [InlineData("", QueryEscaping.None)]
    [InlineData("?token=abc.def-_", QueryEscaping.None)]
    [InlineData("?a=1&b=$2", QueryEscaping.None)]
    [InlineData("?a=1&b=$2", QueryEscaping.MpdTemplate)]
    public void Every_window_of_the_rendering_is_that_part_of_the_whole(string query, QueryEscaping escaping)
    {
        var template = Playlist(escaping);
        var bytes = Encoding.ASCII.GetBytes(query);
        var whole = Encoding.UTF8.GetBytes(template.Text(query));
        template.GetLength(bytes).ShouldBe(whole.Length);

        for (var offset = 0; offset <= whole.Length; offset++)
        {
            for (var size = 0; size <= whole.Length - offset + 2; size++)
            {
                var window = new byte[size];
                var written = template.Render(bytes, offset, window);

                written.ShouldBe(Math.Min(size, whole.Length - offset));
                window.AsSpan(0, written).SequenceEqual(whole.AsSpan(offset, written)).ShouldBeTrue();
            }
        }
    }

    [Fact]
    public void A_writer_that_offers_a_few_bytes_at_a_time_gets_the_same()
    {
        var trickle = new TrickleWriter();

        Playlist().Render("?token=abc"u8, trickle);

        Encoding.UTF8.GetString([.. trickle.Written]).ShouldBe(Playlist().Text("?token=abc"));
    }

    [Fact]
    public void In_an_MPD_template_ampersand_and_dollar_are_escaped()
    {
        Playlist(QueryEscaping.MpdTemplate).Text("?a=$&b").ShouldStartWith("a.ts?a=$$&amp;b\n");
    }

    [Theory]
    [InlineData("token=abc")]
    [InlineData("?a\nb")]
    [InlineData("?a\"b")]
    [InlineData("?a b")]
    [InlineData("?a#b")]
    [InlineData("?<")]
    [InlineData("?é")]
    public void What_is_not_a_query_never_reaches_a_manifest(string query)
    {
        var bytes = Encoding.UTF8.GetBytes(query);

        Should.Throw<ArgumentException>(() => Playlist().GetLength(bytes));
        Should.Throw<ArgumentException>(() => Playlist().Render(bytes, new ArrayBufferWriter<byte>()));
        Should.Throw<ArgumentException>(() => Playlist().Render(bytes, 0, new byte[100]));
    }

    [Fact]
    public void An_offset_beyond_the_end_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Playlist().Render(default, 14, new byte[1]));
        Should.Throw<ArgumentOutOfRangeException>(() => Playlist().Render(default, -1, new byte[1]));
    }

    [Fact]
    public void SizeBytes_covers_text_and_gaps()
    {
        Playlist().SizeBytes.ShouldBeGreaterThan(13 + (3 * sizeof(int)));
    }

    private sealed class TrickleWriter : IBufferWriter<byte>
    {
        private readonly byte[] _buffer = new byte[3];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(_buffer.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

        public Span<byte> GetSpan(int sizeHint = 0) => _buffer;
    }
}
