using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// What of an asset is encoded, and how: all that a worker needs besides the source and the renditions' cut tables. Made
/// once and never changed, since all chunks of a rendition share one init segment.
/// </summary>
internal sealed record EncodePlan
{
    /// <summary>The only format so far.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Which format this is.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The repackaged file is read instead of the source.</summary>
    public bool ReadsRemux { get; init; }

    /// <summary>Time of the file's first presentation in seconds, as ffmpeg counts; the title's zero is there in a container whose
    /// times begin anywhere (MPEG-TS), and at time zero in one that has a timeline of its own (MP4).</summary>
    public double StartSeconds { get; init; }

    /// <summary>The title's zero is at <see cref="StartSeconds"/>, not at time zero.</summary>
    public bool StartsAtZero { get; init; }

    /// <summary>Whole seconds that all timestamps of the asset are later than in the source.</summary>
    public required long OriginSeconds { get; init; }

    /// <summary>The picture; null when it is not encoded.</summary>
    public VideoPlan? Video { get; init; }

    /// <summary>The sounds that are encoded.</summary>
    public IReadOnlyList<AudioPlan> Audio { get; init; } = [];

    /// <summary>The object that is read.</summary>
    public ObjectKey InputOf(AssetId asset) => ReadsRemux ? ObjectKey.Remux(asset) : ObjectKey.Source(asset);

    /// <summary>See <see cref="EncodeManner.MostChunkBytes"/>.</summary>
    public long? MostChunkBytes { get; init; }

    /// <summary>Ids of all renditions, video first.</summary>
    [JsonIgnore]
    public IEnumerable<string> Renditions => [.. Video?.Rungs.Select(r => r.Id) ?? [], .. Audio.Select(a => a.Id)];

    /// <summary>As it is stored.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PlanJson.Default.EncodePlan);

    /// <summary>Reads the plan of a stored object; null when it is none, or of a format that this version does not know.</summary>
    public static async Task<EncodePlan?> ReadAsync(IObjectReader stored, CancellationToken ct)
    {
        var json = new byte[Math.Min(stored.Length, 1 << 20)];
        if (!await stored.ReadAllAsync(0, json, ct))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(json, PlanJson.Default.EncodePlan) is { Format: CurrentFormat } plan ? plan : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How the picture is encoded.</summary>
internal sealed record VideoPlan
{
    /// <summary>ffmpeg's index of the stream.</summary>
    public required int Stream { get; init; }

    /// <summary>Frames in a second, above the line.</summary>
    public required long RateNumerator { get; init; }

    /// <summary>Frames in a second, below the line.</summary>
    public required long RateDenominator { get; init; }

    /// <summary>Id of the copied track whose frames and cuts are kept; null when the frames lie on a grid of the rate.</summary>
    public string? Follows { get; init; }

    /// <summary>Ticks of one frame in the renditions' timescale; 0 when frames follow a copied track.</summary>
    public required int FrameTicks { get; init; }

    /// <summary>Frames in each chunk but the last; 0 when frames follow a copied track.</summary>
    public int ChunkFrames { get; init; }

    /// <summary>Ticks by which the first frame of the grid is later than the title's zero.</summary>
    public long PhaseTicks { get; init; }

    /// <summary>Ticks in a second of the renditions.</summary>
    public required uint Timescale { get; init; }

    /// <summary>Ticks by which decoding of a frame comes before its presentation at least: the encoder's reordering.</summary>
    public required long DelayTicks { get; init; }

    /// <summary>The encoder may hold frames back, to decode them in another order than they are shown in.</summary>
    public bool Reorders { get; init; } = true;

    /// <summary>The source is interlaced.</summary>
    public bool Deinterlace { get; init; }

    /// <summary>The source has high dynamic range, which the renditions have not.</summary>
    public bool ToneMap { get; init; }

    /// <summary>ffmpeg's index of a subtitle stream of images that is drawn into the picture; null for none.</summary>
    public int? BurnedSubtitle { get; init; }

    /// <summary>Colours of the renditions.</summary>
    public ColorTags Color { get; init; } = new(null, null, null);

    /// <summary>ffmpeg's name of the encoder.</summary>
    public required string Encoder { get; init; }

    /// <summary>The encoder's preset.</summary>
    public required string Preset { get; init; }

    /// <summary>The renditions, best first.</summary>
    public required IReadOnlyList<Rung> Rungs { get; init; }
}

/// <summary>How colours are to be read, by ffmpeg's names; null where the source does not say.</summary>
/// <param name="Primaries">Such as <c>bt709</c>.</param>
/// <param name="Transfer">Such as <c>bt709</c>.</param>
/// <param name="Matrix">Such as <c>smpte170m</c>.</param>
internal sealed record ColorTags(string? Primaries, string? Transfer, string? Matrix);

/// <summary>One encoded size of the picture.</summary>
/// <param name="Id">Id of the rendition.</param>
/// <param name="TrackId">track_ID of the rendition.</param>
/// <param name="Width">Pixels, even, square.</param>
/// <param name="Height">Pixels, even, square.</param>
/// <param name="Quality">Constant rate factor of the encoder.</param>
/// <param name="MaxKilobits">No second of it has more kilobits than this, on average over a second of buffer.</param>
internal sealed record Rung(string Id, uint TrackId, int Width, int Height, double Quality, int MaxKilobits);

/// <summary>How one sound is encoded: AAC-LC in packets of 1024 samples.</summary>
/// <param name="Id">Id of the rendition.</param>
/// <param name="TrackId">track_ID of the rendition.</param>
/// <param name="Stream">ffmpeg's index of the stream.</param>
/// <param name="SampleRate">Samples in a second of the rendition, which is also its timescale.</param>
/// <param name="Channels">Channels of the rendition.</param>
/// <param name="Kilobits">Kilobits in a second.</param>
/// <param name="SourceRate">Samples in a second of the source.</param>
/// <param name="SourceStart">When the source's first packet is presented, in its samples from the title's zero.</param>
/// <param name="SourceFrame">Samples in a packet of the source when all packets have as many; 0 when that is not known.</param>
internal sealed record AudioPlan(
    string Id, uint TrackId, int Stream, int SampleRate, int Channels, int Kilobits, int SourceRate, long SourceStart, int SourceFrame);

/// <summary>JSON of plans.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EncodePlan))]
internal sealed partial class PlanJson : JsonSerializerContext;
