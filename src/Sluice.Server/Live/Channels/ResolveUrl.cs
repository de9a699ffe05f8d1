using Sluice.Server.Outbound;

namespace Sluice.Server.Live.Channels;

/// <summary>What a resolver found behind a page.</summary>
/// <param name="Url">The playlist; null when there is a problem.</param>
/// <param name="Headers">What that is to be asked with, besides the channel's own headers.</param>
/// <param name="Problem">Why nothing was found, in words for a person and without secrets; null when something was.</param>
internal sealed record ResolvedUrl(OutboundUrl? Url, IReadOnlyList<KeyValuePair<string, string>> Headers, string? Problem);

/// <summary>
/// Finds the playlist behind one of the pages of a channel that names a resolver. It is asked at the start and whenever the URL is opened anew; what it
/// answers is not the operator's word, so the address policy applies to it. Bounded by time and memory on its own; throws for nothing but the token.
/// </summary>
internal delegate Task<ResolvedUrl> ResolveUrl(ChannelDefinition channel, OutboundUrl page, CancellationToken ct);
