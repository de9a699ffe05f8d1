using Sluice.Server.Catalog;

namespace Sluice.Server.Probe;

/// <summary>A source as ffprobe and a pass over its packets tell.</summary>
internal sealed record SourceFacts
{
    /// <summary>ffmpeg's name of the format, such as <c>matroska,webm</c>.</summary>
    public required string Format { get; init; }

    /// <summary>Name of the container in words, such as <c>Matroska</c>.</summary>
    public required string Container { get; init; }

    /// <summary>How sure ffprobe is of the format, 0 to 100.</summary>
    public required int Score { get; init; }

    /// <summary>Where the source's timeline begins, in seconds: by the earliest of all streams.</summary>
    public required double StartSeconds { get; init; }

    /// <summary>From there to the end of the last packet of picture or sound, measured.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>False when the pass over the packets took too long: then <see cref="DurationSeconds"/> is what the container says.</summary>
    public bool IsMeasured { get; init; } = true;

    /// <summary>What the container says of its length, in seconds; null when it says nothing.</summary>
    public double? PromisedSeconds { get; init; }

    /// <summary>The container promised more than there is: in words for a person; null when all is there.</summary>
    public string? TruncatedNote { get; init; }

    /// <summary>The file ends before the container's own end.</summary>
    public bool IsTruncated => TruncatedNote is not null;

    /// <summary>All streams, by index.</summary>
    public required IReadOnlyList<StreamFacts> Streams { get; init; }

    /// <summary>Named parts, in order.</summary>
    public IReadOnlyList<Chapter> Chapters { get; init; } = [];

    /// <summary>The picture that is shown: the first default one that is no cover, else the first; null for none.</summary>
    public StreamFacts? Picture => Pictures.FirstOrDefault(s => s.IsDefault) ?? Pictures.FirstOrDefault();

    /// <summary>Streams that are repackaged when the whole source is, picture first.</summary>
    public IEnumerable<StreamFacts> Copied => Streams
        .Where(s => s == Picture || (s.Kind == StreamKind.Audio && s.IsDecodable)).OrderBy(s => s.Kind == StreamKind.Video ? 0 : 1);

    /// <summary>The cover, or null.</summary>
    public StreamFacts? Cover => Streams.FirstOrDefault(s => s is { Kind: StreamKind.Video, IsCover: true });

    private IEnumerable<StreamFacts> Pictures => Streams.Where(s => s is { Kind: StreamKind.Video, IsCover: false });
}
