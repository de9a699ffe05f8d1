using Sluice.Media.Binary;
using Sluice.Media.IsoBmff.Boxes;
using Sluice.Media.IsoBmff.SampleTables;

namespace Sluice.Media.IsoBmff;

/// <summary>An ISO base media file as far as its headers tell; samples are read by passes over each track.</summary>
/// <param name="Timescale">Ticks in a second of the movie timeline (edit lists).</param>
/// <param name="Tracks">In file order.</param>
/// <param name="IsFragmented">The movie continues, or lies wholly, in <c>moof</c> boxes.</param>
/// <param name="MajorBrand">From <c>ftyp</c>; null when the file has none.</param>
/// <param name="MetadataFirst">The <c>moov</c> lies before the first <c>mdat</c>.</param>
public sealed record Movie(
    uint Timescale, IReadOnlyList<MovieTrack> Tracks, bool IsFragmented, FourCc? MajorBrand, bool MetadataFirst);

/// <summary>One <c>trak</c>.</summary>
public sealed class MovieTrack
{
    internal MovieTrack(uint id, TrackKind kind)
    {
        Id = id;
        Kind = kind;
    }

    /// <summary>track_ID.</summary>
    public uint Id { get; }

    /// <summary>What it carries.</summary>
    public TrackKind Kind { get; }

    /// <summary>Handler type as it stands, e.g. <c>vide</c>.</summary>
    public FourCc Handler { get; internal init; }

    /// <summary>Ticks in a second of the media; 0 in a broken file.</summary>
    public uint Timescale { get; internal init; }

    /// <summary>ISO 639-2/T code or BCP 47 tag (from <c>elng</c>), or null.</summary>
    public string? Language { get; internal init; }

    /// <summary>Name for people, or null.</summary>
    public string? Name { get; internal init; }

    /// <summary>The track header; null when it is missing or damaged.</summary>
    public TrackHeaderBox? Header { get; internal init; }

    /// <summary>The edit list; null when there is none.</summary>
    public IReadOnlyList<EditEntry>? Edits { get; internal init; }

    /// <summary>The entries of <c>stsd</c>, each a whole box.</summary>
    public IReadOnlyList<byte[]> SampleEntries { get; internal init; } = [];

    /// <summary>Field order from <c>fiel</c> and the like stays inside the entries; this is an auxiliary picture track
    /// (handler <c>auxv</c>) or one that another track refers to as such.</summary>
    public bool IsAuxiliary { get; internal init; }

    /// <summary>The <c>stss</c> box is there. Without it every sample claims to be a sync sample.</summary>
    public bool HasSyncTable => Table.SyncSamples is not null;

    /// <summary>Why the headers are no use, in words for a person; null when they are fine.</summary>
    public string? Problem { get; internal init; }

    internal SampleTable Table { get; init; } = new();

    internal TrackExtendsBox? Extends { get; init; }

    internal long FirstFragment { get; init; }

    /// <summary>Its samples lie, or go on, in fragments.</summary>
    public bool IsFragmented => Extends is not null;

    /// <summary>A new pass over the samples.</summary>
    /// <param name="source">The file that the movie was read from.</param>
    public SampleReader OpenSamples(IByteSource source) => Extends is { } extends
        ? new FragmentSampleReader(source, Table, extends, FirstFragment)
        : new ProgressiveSampleReader(source, Table);

    /// <summary>Samples that the tables claim without a byte of their own for each: such a claim costs its writer nothing.</summary>
    /// <param name="source">The file that the movie was read from.</param>
    internal long UnbackedSamples(IByteSource source) =>
        new SizeTable(source, Table.Sizes, Table.CompactSizes) is { IsConstant: true } sizes ? sizes.Count : 0;
}
