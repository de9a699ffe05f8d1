namespace Sluice.Media.IsoBmff.SampleTables;

/// <summary>Where the tables of one <c>stbl</c> lie; nothing of them is held in memory.</summary>
internal sealed record SampleTable
{
    public BoxRegion? TimeToSample { get; init; }

    public BoxRegion? CompositionOffsets { get; init; }

    public BoxRegion? Sizes { get; init; }

    public BoxRegion? CompactSizes { get; init; }

    public BoxRegion? SampleToChunk { get; init; }

    public BoxRegion? ChunkOffsets { get; init; }

    public BoxRegion? ChunkOffsets64 { get; init; }

    public BoxRegion? SyncSamples { get; init; }
}
