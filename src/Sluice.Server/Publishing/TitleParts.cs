using Sluice.Media.Manifests;
using Sluice.Server.Catalog;
using Sluice.Server.Deliver;

namespace Sluice.Server.Publishing;

/// <summary>What is published of a title, open for reading.</summary>
/// <param name="Tracks">What manifests offer, video first.</param>
/// <param name="Texts">Its subtitles.</param>
/// <param name="Poster">The picture that stands for it; null when it has none.</param>
/// <param name="Board">Small pictures of all of it; null when it has none.</param>
internal sealed record TitleParts(IReadOnlyList<StoredTrack> Tracks, IReadOnlyList<TitleText> Texts, byte[]? Poster, TitleBoard? Board);

/// <summary>A storyboard with its sheets, the first of which is number 1.</summary>
/// <param name="WebVtt">What is shown where and when; it names the sheets as <see cref="PictureDelivery.SheetName"/> does.</param>
/// <param name="Sheets">Bytes of each, and how it is read.</param>
internal sealed record TitleBoard(ManifestTemplate WebVtt, IReadOnlyList<(long SizeBytes, Func<CancellationToken, Task<byte[]>> ReadAsync)> Sheets);

/// <summary>Subtitles with their file.</summary>
/// <param name="Subtitle">What manifests say of them.</param>
/// <param name="WebVtt">The file for the whole title.</param>
internal sealed record TitleText(Subtitle Subtitle, byte[] WebVtt);
