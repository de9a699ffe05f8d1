namespace Sluice.Server.Catalog;

/// <summary>One CMAF track of an asset, as manifests may offer it: copied from the source or encoded.</summary>
/// <param name="Id">Name in URLs: <c>v0</c>, <c>v1</c>, <c>a0</c>…</param>
/// <param name="Kind"><c>video</c> or <c>audio</c>.</param>
/// <param name="IsEncoded">Made by the encoder, chunk by chunk; else copied from the source as it lies.</param>
/// <param name="IsListed">Manifests name it. An encoded rendition of a title that plays without it is listed once it is
/// complete; one that is needed for playing is listed at once, and its chunks are made on demand.</param>
/// <param name="Description">In words for a person, such as <c>H.264 1280x720, up to 2.8 Mbit/s</c>.</param>
internal sealed record Rendition(string Id, string Kind, bool IsEncoded, bool IsListed, string Description)
{
    /// <summary>Another rendition says the same at least as well: manifests name that one, and who plays this one plays on.</summary>
    public bool IsReplaced { get; init; }
}
