using Sluice.Media.IsoBmff;

namespace Sluice.Server.Live.Fragments;

/// <summary>What segments consist of. Playlists do not say, and file names and content types are wrong too often.</summary>
internal enum MediaKind
{
    /// <summary>MPEG-TS; also what is not recognised, in which packets may come yet.</summary>
    Ts,

    /// <summary>Fragmented MP4.</summary>
    Fragments,

    /// <summary>Frames of audio without a container.</summary>
    PackedAudio,

    /// <summary>Subtitles, a page, or the like.</summary>
    Text,
}

/// <summary>Tells by the first bytes (RFC 8216 section 3).</summary>
internal static class MediaSniffing
{
    /// <summary>Bytes that are enough.</summary>
    public const int Bytes = 8;

    private const byte Sync = 0x47;

    private static readonly HashSet<FourCc> Boxes = ["ftyp", "styp", "moov", "moof", "sidx", "ssix", "emsg", "prft", "free", "skip", "uuid", "mdat"];

    /// <summary>What begins with these bytes.</summary>
    /// <param name="head">At least <see cref="Bytes"/>, or all there are.</param>
    public static MediaKind Of(ReadOnlySpan<byte> head) => head switch
    {
        [Sync, ..] => MediaKind.Ts,
        [.. var _] when head.Length >= Bytes && Boxes.Contains(FourCc.Read(head[4..])) => MediaKind.Fragments,
        [(byte)'I', (byte)'D', (byte)'3', ..] => MediaKind.PackedAudio,
        [0xFF, >= 0xE0, ..] => MediaKind.PackedAudio,
        [0x0B, 0x77, ..] => MediaKind.PackedAudio,
        [(byte)'<' or (byte)'{' or (byte)'#', ..] => MediaKind.Text,
        [(byte)'W', (byte)'E', (byte)'B', (byte)'V', ..] => MediaKind.Text,
        _ => MediaKind.Ts,
    };
}
