using System.Buffers;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.Hls;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;

namespace Sluice.Media.Tests;

/// <summary>The code of the library's README, compiled; <see cref="ReadmeTests"/> holds that both are the same.</summary>
internal static class ReadmeExample
{
    public static void Describe(byte[] bytes, TextWriter output)
    {
        var source = new MemoryByteSource(bytes);
        if (MovieReader.TryRead(source, out var reason) is not { } movie)
        {
            output.WriteLine($"No MP4: {reason}");
            return;
        }

        foreach (var track in movie.Tracks.Where(t => t.Kind is TrackKind.Video or TrackKind.Audio && t.Problem is null))
        {
            var description = SampleDescription.TryParse(track.SampleEntries[0], track.Kind);
            output.WriteLine($"{track.Kind} {description?.Codecs} {track.Language}");
        }
    }

    public static void WritePlaylist(IByteSource source, Movie movie, MovieTrack track, IByteSink index, IBufferWriter<byte> playlist)
    {
        var description = SampleDescription.TryParse(track.SampleEntries[0], track.Kind)!;
        var scan = TrackScan.Run(source, movie, track);
        var options = new TrackCompilerOptions { Id = "v0", TrackId = 1, TargetSeconds = 6, OriginSeconds = TimelineOrigin.SecondsFor([(scan, track.Timescale)]) };
        if (TrackCompiler.Compile(source, track, description, scan, options, index, out var problem) is not var (summary, segments))
        {
            throw new InvalidDataException(problem);
        }

        var uris = new SegmentUris { Init = "init.mp4", Suffix = ".m4s" };
        HlsMediaWriter.Write([.. segments], summary.Timescale, uris, summary.IndependentSegments).Render([], playlist);
    }
}
