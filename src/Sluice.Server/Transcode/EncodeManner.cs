namespace Sluice.Server.Transcode;

/// <summary>How much of a title is encoded, and for how long it is kept.</summary>
/// <param name="OneSize">The picture in one size, its own or the largest that is configured, and not in smaller ones beside.</param>
/// <param name="MostChunkBytes">Chunks are made when they are asked for and not before, and no more of them than this are kept; null makes all, for good.</param>
internal sealed record EncodeManner(bool OneSize, long? MostChunkBytes)
{
    /// <summary>A title of the library: all sizes, all chunks.</summary>
    public static EncodeManner Library { get; } = new(false, null);

    /// <summary>A title that is watched from where it lies, and then gone.</summary>
    public static EncodeManner Passing(long mostChunkBytes) => new(true, mostChunkBytes);
}
