using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.Hls;
using Sluice.Media.IsoBmff;
using Sluice.Media.Matroska;
using Sluice.Media.Tests.Building;
using Sluice.Media.Tests.MpegTs;
using Sluice.Media.Text;
using Sluice.Media.TimedText;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>One parser that bytes from outside reach.</summary>
/// <param name="Name">Its folder under <c>Fuzz/corpus</c>.</param>
/// <param name="Run">Takes any bytes; may answer what it likes but never throws.</param>
internal sealed record FuzzTarget(string Name, Action<byte[]> Run)
{
    /// <summary>What is copied as it is, so that its entry must survive being written anew.</summary>
    private static readonly HashSet<CodecId> Copied =
        [CodecId.H264, CodecId.Hevc, CodecId.Av1, CodecId.Vp9, CodecId.Aac, CodecId.Mp3, CodecId.Opus, CodecId.Flac];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("movie", RunMovie),
        new("codec", RunCodec),
        new("index", RunIndex),
        new("head", RunHead),
        new("feed", RunFeed),
        new("arriving", ArrivingChecks.Run),
        new("playlist", RunPlaylist),
        new("ts", RunTransportStream),
        new("fragments", RemuxChecks.Fragments),
        new("packed", RemuxChecks.PackedAudio),
        new("matroska", RunMatroska),
    ];

    /// <summary>All that an uploaded file goes through before anything of it is served.</summary>
    private static void RunMovie(byte[] bytes)
    {
        var source = new MemoryByteSource(bytes);
        if (MovieReader.TryRead(source, out _) is not { } movie)
        {
            return;
        }

        foreach (var track in movie.Tracks.Where(MovieSubtitles.AreIn))
        {
            var subtitles = MovieSubtitles.TryRead(source, movie, track, 1000);
            foreach (var sample in subtitles?.Samples ?? [])
            {
                var text = new byte[sample.SizeBytes];
                _ = source.Read(sample.Offset, text);
                WebVttWriter.Write(subtitles!.Read(sample, text));
            }
        }

        foreach (var track in movie.Tracks.Where(t => t.Problem is null && t.Kind is TrackKind.Video or TrackKind.Audio))
        {
            var scan = TrackScan.Run(source, movie, track);
            if (scan.Problem is not null || scan.DescriptionIndex > track.SampleEntries.Count
                || SampleDescription.TryParse(track.SampleEntries[scan.DescriptionIndex - 1], track.Kind) is not { } description)
            {
                continue;
            }

            // As the server does: whole seconds, so that nothing lies before zero.
            var origin = TimelineOrigin.SecondsFor([(scan, track.Timescale)]);
            var sink = new MemorySink();
            var compiled = TrackCompiler.Compile(source, track, description, scan, new TrackCompilerOptions
            {
                Id = "t",
                TrackId = 1,
                TargetSeconds = 2,
                OriginSeconds = origin,
            }, sink, out var problem);
            if (compiled is null == problem is null)
            {
                throw new InvalidOperationException("Neither a track nor a problem, or both.");
            }

            if (compiled is { } done)
            {
                IndexChecks.Check(TrackIndexReader.TryOpen(sink.Source()), done.Segments, bytes.Length);
            }
        }
    }

    /// <summary>First byte: 1 is audio. Then a sample entry, which tells its own size, then the start of a sample.</summary>
    private static void RunCodec(byte[] bytes)
    {
        if (bytes.Length < 1)
        {
            return;
        }

        var reader = new BoxReader(bytes.AsSpan(1));
        var entry = reader.Next() ? reader.Whole : [];
        var kind = bytes[0] == 1 ? TrackKind.Audio : TrackKind.Video;
        if (SampleDescription.TryParse(entry, kind) is { } description)
        {
            _ = description.Description;
            description.Classify(bytes.AsSpan(1 + entry.Length));
            var cmaf = description.ToCmafSampleEntry();
            if (description.Problem is null && !description.IsEncrypted && Copied.Contains(description.Codec))
            {
                var again = SampleDescription.TryParse(cmaf, kind);
                if (again is null || again.Problem is not null)
                {
                    throw new InvalidOperationException($"The entry for CMAF is not whole: {again?.Problem}");
                }
            }
        }
    }

    /// <summary>A file of somebody else's, of which segments are made as it lies.</summary>
    private static void RunMatroska(byte[] bytes)
    {
        var source = new MemoryByteSource(bytes);
        var movie = MatroskaReader.TryRead(source, out var problem);
        var segments = movie is null ? null : MatroskaSegments.TryOpen(source, movie, 2, out problem);
        if (segments is null == problem is null)
        {
            throw new InvalidOperationException("Neither segments nor a problem, or both.");
        }

        for (var number = 1; number <= Math.Min(20, segments?.Cuts.Count ?? 0); number++)
        {
            if (segments!.TryRead(source, number, out _) is not { } stretch)
            {
                continue;
            }

            foreach (var track in segments.Tracks)
            {
                RunMatroskaTrack(source, segments, stretch, track);
            }
        }
    }

    private static void RunMatroskaTrack(MemoryByteSource source, MatroskaSegments segments, MatroskaStretch stretch, MatroskaTrack track)
    {
        if (MatroskaSubtitles.AreIn(track))
        {
            WebVttWriter.Write(MatroskaSubtitles.Read(source, stretch, track, segments.Movie.Timescale));
        }

        if (track.Description is null)
        {
            return;
        }

        segments.Init(track);
        segments.Summarize(track, "t", isDefault: true);
        if (segments.Make(stretch, track, out _) is { } segment && segment.Extents.Sum(e => (long)e.LengthBytes) != segment.PayloadBytes)
        {
            throw new InvalidOperationException("The extents are not the payload.");
        }
    }

    private static void RunIndex(byte[] bytes)
    {
        if (TrackIndexReader.TryOpen(new MemoryByteSource(bytes)) is not { } index)
        {
            return;
        }

        index.ReadTimings();
        for (var n = 1; n <= Math.Min(index.SegmentCount, 100); n++)
        {
            if (index.ReadEntry(n) is { } entry && index.ReadBlob(entry) is { } blob)
            {
                SegmentHeadReader.TryRead(blob.AsMemory(0, entry.HeadBytes), []);
            }
        }
    }

    private static void RunHead(byte[] bytes) => SegmentHeadReader.TryRead(bytes, []);

    /// <summary>What an encoder writes to its pipe: all at once, and in small pieces, gives the same.</summary>
    private static void RunFeed(byte[] bytes)
    {
        var (whole, samples) = FedFile.Read(bytes, () => bytes.Length);
        var (pieces, again) = FedFile.Read(bytes, static () => 13);
        if (whole.Problem != pieces.Problem || whole.IsWhole != pieces.IsWhole || !samples.Texts().SequenceEqual(again.Texts()))
        {
            throw new InvalidOperationException($"In pieces it is another: {whole.Problem} / {pieces.Problem}");
        }

        foreach (var track in whole.Tracks ?? [])
        {
            if (RenditionInit.Describe(track, out var problem) is null == problem is null)
            {
                throw new InvalidOperationException("Neither a description nor a problem, or both.");
            }
        }
    }

    /// <summary>A playlist of somebody else's.</summary>
    private static void RunPlaylist(byte[] bytes)
    {
        var playlist = HlsPlaylistReader.TryRead(bytes, out var problem);
        if (playlist is null == problem is null)
        {
            throw new InvalidOperationException("Neither a playlist nor a problem, or both.");
        }

        if (playlist is HlsMediaPlaylist { Segments: [.., var last] } media && last.Sequence != media.NextSequence - 1)
        {
            throw new InvalidOperationException("Segments are not numbered one by one.");
        }

        if (playlist is HlsMultivariantPlaylist multivariant && VariantChoice.Of(multivariant, new()) is null == multivariant.Variants.Count > 0)
        {
            throw new InvalidOperationException("There are variants, and none was chosen, or the other way round.");
        }
    }

    /// <summary>What a channel is sent: all at once, and in small pieces, gives the same.</summary>
    private static void RunTransportStream(byte[] bytes)
    {
        var whole = new LiveTs().Feed(bytes, Math.Max(1, bytes.Length));
        var pieces = new LiveTs().Feed(bytes, 13);
        if (!whole.Output.AsSpan().SequenceEqual(pieces.Output) || whole.Points.Count != pieces.Points.Count)
        {
            throw new InvalidOperationException("In pieces it is another.");
        }

        RemuxChecks.Transport(bytes);
        if (whole.Points.Any(p => p.Position >= whole.Output.Length || p.Join.Length % 188 != 0))
        {
            throw new InvalidOperationException("A point lies nowhere.");
        }
    }
}
