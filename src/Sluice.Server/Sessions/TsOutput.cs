using Sluice.Media.Hls;
using Sluice.Server.Live;

namespace Sluice.Server.Sessions;

/// <summary>Puts what ffmpeg makes of an upstream into a channel's log. It has no segments of its own: the log cuts it.</summary>
internal static class TsOutput
{
    private const int PieceBytes = 64 << 10;

    /// <summary>What such an upstream is like.</summary>
    public static UpstreamShape Shape { get; } = new(HasMaps: false, HasSeparateAudio: false, null, TimeSpan.FromSeconds(4));

    /// <summary>Copies it to its end.</summary>
    public static async Task CopyAsync(Stream output, ISegmentSink sink, IUpstreamWatch watch, CancellationToken ct)
    {
        var segment = new UpstreamSegment(new HlsSegment { Uri = "" }, IsBreak: true);
        var buffer = new byte[PieceBytes];
        var bytes = 0L;
        sink.Begin(segment, isBreak: true);
        try
        {
            while (await output.ReadAsync(buffer, ct) is > 0 and var count)
            {
                sink.Write(buffer.AsSpan(0, count));
                bytes += count;
                watch.Received(count);
            }
        }
        finally
        {
            sink.End(segment, new DownloadResult(bytes, null, 200, 0));
        }
    }
}
