using Sluice.Server.Catalog;
using Sluice.Server.Deliver;

namespace Sluice.Server.Publishing;

/// <summary>What is published of a title, open for reading.</summary>
/// <param name="Tracks">What manifests offer, video first.</param>
/// <param name="Texts">Its subtitles.</param>
/// <param name="Poster">The picture that stands for it; null when it has none.</param>
internal sealed record TitleParts(IReadOnlyList<StoredTrack> Tracks, IReadOnlyList<TitleText> Texts, byte[]? Poster);

/// <summary>Subtitles with their file.</summary>
/// <param name="Subtitle">What manifests say of them.</param>
/// <param name="WebVtt">The file for the whole title.</param>
internal sealed record TitleText(Subtitle Subtitle, byte[] WebVtt);
