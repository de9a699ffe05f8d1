using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Matroska;

/// <summary>Reads the Tracks element.</summary>
internal static class MatroskaTrackReader
{
    /// <summary>More tracks are not looked at: no real file has as many.</summary>
    private const int MostTracks = 128;

    private const int Deflate = 0;
    private const int HeaderStripping = 3;
    private const string EncodedFrames = "its frames are compressed or encrypted by the container (ContentEncoding)";

    public static List<MatroskaTrack> Read(ReadOnlySpan<byte> body)
    {
        var tracks = new List<MatroskaTrack>();
        var children = new EbmlChildren(body);
        while (children.Next() && tracks.Count < MostTracks)
        {
            if (children.Id == MatroskaId.TrackEntry && ReadEntry(children.Body) is { } track)
            {
                tracks.Add(track);
            }
        }

        return tracks;
    }

    private static MatroskaTrack? ReadEntry(ReadOnlySpan<byte> body)
    {
        ulong number = 0, type = 0, frame = 0, delay = 0;
        var (codec, isDefault, isForced, name, language, tag) = ("", true, false, (string?)null, (string?)"eng", (string?)null);
        ReadOnlySpan<byte> codecPrivate = [], video = [], audio = [], encodings = [];
        var children = new EbmlChildren(body);
        while (children.Next())
        {
            switch (children.Id)
            {
                case MatroskaId.TrackNumber: number = children.UInt; break;
                case MatroskaId.TrackType: type = children.UInt; break;
                case MatroskaId.FlagDefault: isDefault = children.UInt != 0; break;
                case MatroskaId.FlagForced: isForced = children.UInt != 0; break;
                case MatroskaId.DefaultDuration: frame = children.UInt; break;
                case MatroskaId.CodecDelay: delay = children.UInt; break;
                case MatroskaId.CodecId: codec = children.Text; break;
                case MatroskaId.CodecPrivate: codecPrivate = children.Body; break;
                case MatroskaId.Name: name = children.Text; break;
                case MatroskaId.Language: language = children.Text; break;
                case MatroskaId.LanguageBcp47: tag = children.Text; break;
                case MatroskaId.Video: video = children.Body; break;
                case MatroskaId.Audio: audio = children.Body; break;
                case MatroskaId.ContentEncodings: encodings = children.Body; break;
                default: break;
            }
        }

        if (number == 0)
        {
            return null;
        }

        var kind = type switch { 1 => TrackKind.Video, 2 => TrackKind.Audio, 17 => TrackKind.Text, _ => TrackKind.Other };
        var problem = ReadEncodings(encodings, out var stripped, out var isDeflated);
        problem = problem is null && isDeflated && kind != TrackKind.Text ? EncodedFrames : problem;
        var description = problem is null ? MatroskaSampleEntry.Describe(kind, codec, codecPrivate, video, audio, out problem) : null;
        return new MatroskaTrack
        {
            Number = number,
            Kind = kind,
            CodecName = codec,
            Description = description,
            Problem = problem,
            Name = name is { Length: > 0 } ? name : null,
            Language = tag ?? (language is "und" or "" ? null : Languages.ToBcp47(language)),
            IsDefault = isDefault,
            IsForced = isForced,
            FrameNanoseconds = frame,
            DelayNanoseconds = delay,
            Stripped = stripped,
            IsDeflated = isDeflated,
        };
    }

    /// <summary>ContentEncodings (section 5.1.4.1.31): bytes taken off each frame can be put back, and small frames inflated; nothing else is undone.</summary>
    private static string? ReadEncodings(ReadOnlySpan<byte> body, out byte[] stripped, out bool isDeflated)
    {
        (stripped, isDeflated) = ([], false);
        var encodings = new EbmlChildren(body);
        var isFirst = true;
        while (encodings.Next())
        {
            if (encodings.Id != MatroskaId.ContentEncoding)
            {
                continue;
            }

            if (!isFirst || ReadCompression(encodings.Body, ref stripped) is not { } algorithm)
            {
                return EncodedFrames;
            }

            (isFirst, isDeflated) = (false, algorithm == Deflate);
        }

        return null;
    }

    /// <summary>ContentCompAlgo, of the two that are known; null for all else.</summary>
    private static ulong? ReadCompression(ReadOnlySpan<byte> body, ref byte[] stripped)
    {
        ulong type = 0, scope = 1, algorithm = 0;
        var children = new EbmlChildren(body);
        while (children.Next())
        {
            switch (children.Id)
            {
                case MatroskaId.ContentEncodingType: type = children.UInt; break;
                case MatroskaId.ContentEncodingScope: scope = children.UInt; break;
                case MatroskaId.ContentCompression:
                    var compression = new EbmlChildren(children.Body);
                    while (compression.Next())
                    {
                        switch (compression.Id)
                        {
                            case MatroskaId.ContentCompAlgo: algorithm = compression.UInt; break;
                            case MatroskaId.ContentCompSettings: stripped = compression.Body.ToArray(); break;
                            default: break;
                        }
                    }

                    break;
                default: break;
            }
        }

        return type == 0 && scope == 1 && algorithm is (Deflate or HeaderStripping) ? algorithm : null;
    }
}
