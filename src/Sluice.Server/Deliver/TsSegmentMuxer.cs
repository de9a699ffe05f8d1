using System.Buffers;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.MpegTs;

namespace Sluice.Server.Deliver;

/// <summary>Muxes one MPEG-TS segment from the CMAF segments that make it up.</summary>
internal static class TsSegmentMuxer
{
    /// <summary>Added to all timestamps, so that the clock, which runs ahead of decoding, never starts below zero.</summary>
    private const long OffsetTicks = 10 * TsPlan.Timescale;

    /// <summary>Writes the segment to <paramref name="output"/>.</summary>
    public static async Task WriteAsync(
        TsRendition rendition, TsPlanSegment segment, IBufferWriter<byte> output, CancellationToken ct)
    {
        using var video = await Piece.LoadAsync(rendition.Video, segment.Video, segment.Video > 0 ? 1 : 0, ct);
        using var audio = await Piece.LoadAsync(rendition.Audio, segment.FirstAudio, segment.AudioCount, ct);
        var muxer = new TsMuxer(rendition.Program, output);
        while (true)
        {
            var pictureFirst = video.HasMore && (!audio.HasMore || video.DecodeTicks <= audio.DecodeTicks);
            if (pictureFirst)
            {
                muxer.WriteVideo(video.PresentationTicks, video.DecodeTicks, video.IsSync, video.Sample);
                video.Next();
            }
            else if (audio.HasMore)
            {
                muxer.WriteAudio(audio.PresentationTicks, audio.Sample);
                audio.Next();
            }
            else
            {
                break;
            }
        }

        muxer.Complete();
    }

    /// <summary>A cursor over the samples of a few consecutive segments of one track, their payload in memory.</summary>
    private sealed class Piece : IDisposable
    {
        private readonly List<(SegmentSample Sample, long Decode)> _samples = [];
        private readonly uint _timescale;
        private byte[] _payload = [];
        private int _index;
        private int _offset;

        private Piece(uint timescale) => _timescale = timescale;

        public bool HasMore => _index < _samples.Count;

        public bool IsSync => _samples[_index].Sample.IsSync;

        public long DecodeTicks => Convert(_samples[_index].Decode);

        public long PresentationTicks => Convert(_samples[_index].Decode + _samples[_index].Sample.CompositionOffset);

        public ReadOnlySpan<byte> Sample => _payload.AsSpan(_offset, _samples[_index].Sample.SizeBytes);

        public static async Task<Piece> LoadAsync(StoredTrack? track, int first, int count, CancellationToken ct)
        {
            var piece = new Piece(track?.Summary.Timescale ?? 1);
            if (track is null || count == 0)
            {
                return piece;
            }

            var segments = new List<StoredSegment>();
            try
            {
                for (var n = first; n < first + count; n++)
                {
                    segments.Add(await track.FindAsync(n, ct) ?? throw new InvalidDataException("The plan names a segment that is not there."));
                }

                piece._payload = ArrayPool<byte>.Shared.Rent(checked((int)Math.Max(1, segments.Sum(s => s.Entry.PayloadBytes))));
                var filled = 0;
                foreach (var segment in segments)
                {
                    filled += await piece.LoadAsync(segment, filled, ct);
                }
            }
            catch
            {
                piece.Dispose();
                throw;
            }
            finally
            {
                segments.ForEach(s => s.Dispose());
            }

            return piece;
        }

        public void Next() => _offset += _samples[_index++].Sample.SizeBytes;

        public void Dispose()
        {
            if (_payload.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_payload);
                _payload = [];
            }
        }

        private async Task<int> LoadAsync(StoredSegment segment, int at, CancellationToken ct)
        {
            var entry = segment.Entry;
            var blob = new byte[entry.BlobBytes];
            await segment.ReadBlobAsync(blob, ct);
            await segment.PrepareAsync(blob.AsMemory(entry.HeadBytes), ct);
            var samples = new List<SegmentSample>();
            var decode = SegmentHeadReader.TryRead(blob.AsMemory(0, entry.HeadBytes), samples)
                ?? throw new InvalidDataException("A segment's head in the track index is damaged.");
            foreach (var sample in samples)
            {
                _samples.Add((sample, decode));
                decode += sample.DurationTicks;
            }

            var filled = 0;
            var payload = new PayloadReader(segment, blob.AsMemory(entry.HeadBytes), 0);
            while (filled < entry.PayloadBytes)
            {
                var read = await payload.ReadAsync(_payload.AsMemory(at + filled, (int)entry.PayloadBytes - filled), ct);
                filled += read > 0 ? read : throw new InvalidDataException("The segment's extents end before its size does.");
            }

            return filled;
        }

        private long Convert(long ticks) => Ticks.Rescale(ticks, _timescale, TsPlan.Timescale) + OffsetTicks;
    }
}
