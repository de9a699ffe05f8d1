using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Server.Deliver;
using Sluice.Server.Store;
using Xunit;

namespace Sluice.Server.Tests.Deliver;

/// <summary>What goes out of a segment, and what does not.</summary>
public sealed class SegmentDeliveryTests
{
    private const int HeadBytes = 100, PayloadBytes = 200_000;

    private static readonly TrackSummary Track = new()
    {
        Id = "v0",
        Kind = TrackKind.Video,
        Codecs = "avc1.64001F",
        Timescale = 1000,
        SegmentCount = 1,
        StartTicks = 0,
        EndTicks = 1000,
        LongestSegmentTicks = 1000,
        PeakBitsPerSecond = 1,
        AverageBitsPerSecond = 1,
    };

    [Theory]
    [InlineData(null, 0)]
    [InlineData("bytes=0-9", 0)]
    [InlineData("bytes=90-150", 90)]
    [InlineData("bytes=100-", 100)]
    [InlineData("bytes=150000-150010", 150_000)]
    public async Task Head_and_media_come_as_one_from_any_place(string? range, int from)
    {
        using var body = new MemoryStream();
        var context = Context(body, range);

        await SendAsync(context, new Files());
        await context.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);

        body.Length.ShouldBe(context.Response.ContentLength!.Value);
        body.ToArray().ShouldBe([.. Enumerable.Range(from, (int)body.Length).Select(Files.At)]);
    }

    [Fact]
    public async Task Nothing_goes_out_before_media_are_there_so_that_an_error_can_still_be_told()
    {
        using var body = new MemoryStream();
        var context = Context(body, null);

        await Should.ThrowAsync<SourceUnavailableException>(SendAsync(context, new Files { IsGone = true }));

        (body.Length, context.Response.BodyWriter.UnflushedBytes).ShouldBe((0, 0));
    }

    private static async Task SendAsync(HttpContext context, Files files)
    {
        var entry = new SegmentEntry(default, HeadBytes + PayloadBytes, 0, HeadBytes, 1);
        using var segment = new StoredSegment(files, entry);
        await SegmentDelivery.SendAsync(context, "v", Track, 1, segment);
    }

    private static DefaultHttpContext Context(Stream body, string? range)
    {
        var context = new DefaultHttpContext { Response = { Body = body } };
        context.Request.Method = HttpMethods.Get;
        context.Request.Headers.Range = range;
        return context;
    }

    /// <summary>A segment of which every byte tells where it is.</summary>
    private sealed class Files : ISegmentFiles
    {
        /// <summary>The media cannot be read any more, although they could be just now.</summary>
        public bool IsGone { get; init; }

        public static byte At(int offset) => (byte)((offset * 7) + (offset >> 8));

        public ValueTask ReadBlobAsync(SegmentEntry entry, Memory<byte> blob, CancellationToken ct)
        {
            for (var i = 0; i < HeadBytes; i++)
            {
                blob.Span[i] = At(i);
            }

            new Extent(HeadBytes, PayloadBytes, 0).WriteTo(blob.Span[HeadBytes..]);
            return ValueTask.CompletedTask;
        }

        public ValueTask ReadPayloadAsync(Extent from, Memory<byte> destination, CancellationToken ct)
        {
            if (IsGone)
            {
                throw new SourceUnavailableException("It is gone.");
            }

            for (var i = 0; i < destination.Length; i++)
            {
                destination.Span[i] = At((int)from.Offset + i);
            }

            return ValueTask.CompletedTask;
        }
    }
}
