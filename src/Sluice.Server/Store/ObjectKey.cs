using System.Globalization;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>
/// Name of one stored object: an asset and one of a closed set of names made by the server. No text of a client
/// ever becomes part of a path.
/// </summary>
/// <param name="Asset">Whose object.</param>
/// <param name="Name">Lower-case letters, digits, <c>.</c> and <c>-</c>; made by the members below.</param>
internal readonly record struct ObjectKey(AssetId Asset, string Name)
{
    private const string ChunkExtension = ".m4s";

    /// <summary>The uploaded file as it came.</summary>
    public static ObjectKey Source(AssetId asset) => new(asset, "source");

    /// <summary>The track index of one offered track; <paramref name="trackId"/> is server-made (<c>v0</c>, <c>a1</c>).</summary>
    public static ObjectKey Index(AssetId asset, string trackId) => new(asset, trackId + ".idx");

    /// <summary>The samples of one finely interleaved track, gathered so that a segment is one read.</summary>
    public static ObjectKey Gathered(AssetId asset, string trackId) => new(asset, trackId + ".dat");

    /// <summary>The source repackaged into an indexable file.</summary>
    public static ObjectKey Remux(AssetId asset) => new(asset, "remux");

    /// <summary>What is encoded and how: the plan, as JSON.</summary>
    public static ObjectKey Plan(AssetId asset) => new(asset, "plan.json");

    /// <summary>The picture that stands for the title.</summary>
    public static ObjectKey Poster(AssetId asset) => new(asset, "poster.jpg");

    /// <summary>What the storyboard shows where and when, as JSON.</summary>
    public static ObjectKey Storyboard(AssetId asset) => new(asset, "storyboard.json");

    /// <summary>One sheet of the storyboard, from 1.</summary>
    public static ObjectKey StoryboardSheet(AssetId asset, int number) =>
        new(asset, string.Create(CultureInfo.InvariantCulture, $"storyboard-{number}.jpg"));

    /// <summary>Subtitles as WebVTT; <paramref name="subtitleId"/> is server-made (<c>s0</c>).</summary>
    public static ObjectKey Subtitle(AssetId asset, string subtitleId) => new(asset, subtitleId + ".vtt");

    /// <summary>One encoded chunk: a whole CMAF segment. The claim that made it is part of the name, so that a
    /// worker that lost its lease overwrites nothing.</summary>
    public static ObjectKey Chunk(AssetId asset, string trackId, int number, long maker) =>
        new(asset, string.Create(CultureInfo.InvariantCulture, $"{trackId}-{number}.{maker}{ChunkExtension}"));

    /// <summary>Whether this is an encoded chunk.</summary>
    public bool IsChunk => Name.EndsWith(ChunkExtension, StringComparison.Ordinal);

    /// <summary>Whether this is a chunk of that track, whoever made it.</summary>
    public bool IsChunkOf(string trackId) =>
        IsChunk && Name.StartsWith(trackId + "-", StringComparison.Ordinal);
}
