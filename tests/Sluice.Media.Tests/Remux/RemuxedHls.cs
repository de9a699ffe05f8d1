using System.Buffers;
using System.Text;
using Sluice.Media.Hls;
using Sluice.Media.IsoBmff;
using Sluice.Media.Remux;
using Sluice.Tests;

namespace Sluice.Media.Tests.Remux;

/// <summary>HLS that ffmpeg made, in a folder of its own, and what comes of it when it is remuxed as a channel would be.</summary>
internal sealed class RemuxedHls : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-remux-").FullName;

    /// <summary>Makes one.</summary>
    /// <param name="arguments">For ffmpeg, without the name of the playlist.</param>
    /// <param name="playlist">Name of what ffmpeg is to write.</param>
    public RemuxedHls(string arguments, string playlist = "all.m3u8") => Ffmpeg.Make(arguments.Replace("DIR", _folder, StringComparison.Ordinal), PathOf(playlist));

    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>The segments of a media playlist, each with its init segment in front if it has another than the one before.</summary>
    public List<byte[]> Segments(string playlist = "all.m3u8")
    {
        var media = (HlsMediaPlaylist)HlsPlaylistReader.TryRead(File.ReadAllBytes(PathOf(playlist)), out _)!;
        HlsMap? map = null;
        var segments = new List<byte[]>();
        foreach (var segment in media.Segments)
        {
            byte[] init = segment.Map is { } own && own != map ? File.ReadAllBytes(PathOf(own.Uri)) : [];
            map = segment.Map;
            segments.Add([.. init, .. File.ReadAllBytes(PathOf(segment.Uri))]);
        }

        return segments;
    }

    public string Write(string file, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(file), bytes);
        return PathOf(file);
    }

    public string Write(string file, string text) => Write(file, Encoding.UTF8.GetBytes(text));

    /// <summary>Remuxes what has all its streams in one playlist.</summary>
    public Remuxed Remux(int pieceBytes = 32 * 1024) => new Remuxed(isAudioApart: false).Fragments(Segments(), pieceBytes).Complete();

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

/// <summary>A <see cref="LiveMuxer"/> and what it wrote.</summary>
internal sealed class Remuxed : ITransportOutput
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public Remuxed(bool isAudioApart) => (IsApart, Muxer) = (isAudioApart, new LiveMuxer(this, isAudioApart));

    public bool IsApart { get; }

    public LiveMuxer Muxer { get; }

    public byte[] Bytes => _bytes.WrittenSpan.ToArray();

    /// <summary>Segments as they began; those after a break with an exclamation mark.</summary>
    public List<string> Begun { get; } = [];

    /// <summary>Why the last upstream could not be remuxed; null when it could.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Feeds segments of fragments.</summary>
    public Remuxed Fragments(IEnumerable<byte[]> segments, int pieceBytes = 32 * 1024)
    {
        var feed = Feeder(isAudio: false, isFragments: true, isPacked: false, pieceBytes);
        foreach (var segment in segments)
        {
            feed(segment);
        }

        return this;
    }

    /// <summary>What takes segments of a source, one after the other; an empty one is its end.</summary>
    public Action<byte[]> Feeder(bool isAudio, bool isFragments, bool isPacked, int pieceBytes = 32 * 1024)
    {
        var source = isAudio ? Muxer.Audio : Muxer.Main;
        var (fragments, transport, packed) = (new FragmentUnits(source), new TransportUnits(source, !isAudio, isAudio), new PackedAudioUnits(source));
        var splitter = new SegmentSplitter();
        var n = -1L;
        return segment =>
        {
            n++;
            splitter.Restart();
            fragments.BeginSegment(n, false);
            transport.BeginSegment(n, false, false);
            packed.BeginSegment(n, false);
            foreach (var piece in segment.Chunk(pieceBytes))
            {
                if (isFragments)
                {
                    Split(splitter, fragments, piece, isAudio);
                }
                else if (isPacked)
                {
                    packed.Write(piece);
                }
                else
                {
                    transport.Write(piece);
                }
            }

            if (segment.Length == 0)
            {
                transport.Finish(isCut: false);
            }

            Refusal ??= fragments.Refusal ?? fragments.Problem ?? splitter.Problem;
        };
    }

    public Remuxed Complete()
    {
        Muxer.Complete();
        return this;
    }

    private void Split(SegmentSplitter splitter, FragmentUnits units, ReadOnlySpan<byte> bytes, bool isAudio)
    {
        while (splitter.TryTake(ref bytes, out var media))
        {
            if (media.IsEmpty)
            {
                units.Open(splitter.Init!.Value, !isAudio, isAudio || !IsApart);
            }

            units.Write(media);
        }
    }

    public void BeginSegment(long segment, bool isBreak) => Begun.Add(isBreak ? $"!{segment}" : $"{segment}");

    public void Write(ReadOnlySpan<byte> packets) => _bytes.Write(packets);
}
