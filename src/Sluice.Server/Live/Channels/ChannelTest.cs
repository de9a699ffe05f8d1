using System.Buffers;
using Sluice.Media.Hls;
using Sluice.Server.Live.Fragments;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live.Channels;

/// <summary>What a channel would get from an address.</summary>
/// <param name="Problem">Why nothing, in words for a person and without secrets; null when all is well.</param>
internal sealed record ChannelTestResult(string? Problem)
{
    /// <summary><c>ts</c> or <c>fmp4</c>, by the first bytes of a segment; null when none were got.</summary>
    public string? Kind { get; init; }

    /// <summary>It goes on; a film has an end.</summary>
    public bool IsLive { get; init; }

    /// <summary>Its segments are encrypted with a key that is to be had.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>What the playlist says; null when none was got.</summary>
    public TimeSpan? TargetDuration { get; init; }

    /// <summary>Of the multivariant playlist, in its order; empty when there is none.</summary>
    public IReadOnlyList<HlsVariant> Variants { get; init; } = [];

    /// <summary>The one that the channel would take; null when there is no choice.</summary>
    public HlsVariant? Chosen { get; init; }
}

/// <summary>
/// Looks at an address as a channel would, without starting one.
/// <code>
/// 1 resolve   the page, when a resolver is named
/// 2 load      the playlist; of a multivariant one the variant that the policy takes
/// 3 taste     the first bytes of its newest segment, in the clear
/// </code>
/// </summary>
internal sealed class ChannelTest(OutboundFetcher outbound, ResolveUrl resolve, TimeProvider clock)
{
    /// <summary>Three packets of a transport stream, and more than the header of any box.</summary>
    private const int Taste = 3 * PacketBytes;

    private const byte TsSync = 0x47;
    private const int PacketBytes = 188;

    /// <summary>For each answer; a person waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>For all of it: a resolver may take most of that.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Looks at the first address of a channel; does not throw for what the other side does.</summary>
    public async Task<ChannelTestResult> RunAsync(ChannelDefinition channel, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await LookAsync(channel, ending.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new ChannelTestResult($"It took longer than {Limit.TotalSeconds} s.");
        }
    }

    private async Task<ChannelTestResult> LookAsync(ChannelDefinition channel, CancellationToken ct)
    {
        var manner = new UpstreamManner
        {
            UserAgent = channel.UserAgent ?? new UpstreamManner().UserAgent,
            Headers = channel.Headers,
            Timeout = Patience,
            Patience = TimeSpan.Zero,
            Policy = channel.Policy,
        };
        if (!OutboundUrl.TryParse(channel.Urls[0], out var url))
        {
            return new ChannelTestResult(OutboundException.Refusal);
        }

        // :: Step 1: resolve
        if (channel.Resolver is not null)
        {
            var resolved = await resolve(channel, url, ct);
            if (resolved.Url is null)
            {
                return new ChannelTestResult(resolved.Problem);
            }

            (url, manner) = (resolved.Url, manner with { Headers = [.. manner.Headers, .. resolved.Headers] });
        }

        // :: Step 2: load
        manner = manner with { Origin = url };
        var (load, seen) = await LoadAsync(url, manner, ct);
        if (load?.Playlist is not HlsMediaPlaylist media)
        {
            return seen;
        }

        seen = seen with { IsLive = !media.IsEnded, TargetDuration = media.TargetDuration };
        if (media.Segments.LastOrDefault(static s => !s.IsGap) is not { } segment)
        {
            return seen with { Problem = "The playlist has no segments." };
        }

        // :: Step 3: taste
        seen = seen with { IsEncrypted = segment.Key is { Problem: null } };
        return segment.Key?.Problem is { } locked
            ? seen with { Problem = Sentence(locked) }
            : await TasteAsync(seen, segment, new SegmentFetcher(outbound, manner, clock) { Base = load.Url }, ct);
    }

    private async Task<(PlaylistLoad? Load, ChannelTestResult Seen)> LoadAsync(OutboundUrl url, UpstreamManner manner, CancellationToken ct)
    {
        var load = await new UpstreamPlaylist(outbound, manner, url, new HlsSurroundings()).LoadAsync(ct);
        if (load.Playlist is not HlsMultivariantPlaylist all)
        {
            return (load, new ChannelTestResult(load.Playlist is null ? Sentence(load.Problem!) : null));
        }

        var choice = VariantChoice.Of(all, manner.Policy);
        var seen = new ChannelTestResult(all.SessionKeyProblem is { } locked ? Sentence(locked) : null) { Variants = all.Variants, Chosen = choice?.Variant };
        if (seen.Problem is not null || choice is null || load.Url.Follow(choice.Variant.Uri) is not { } variant)
        {
            return (null, seen with { Problem = seen.Problem ?? "The playlist has no variant that can be played." });
        }

        load = await new UpstreamPlaylist(outbound, manner, variant, new HlsSurroundings { Variables = all.Variables }).LoadAsync(ct);
        return load.Playlist is HlsMediaPlaylist
            ? (load, seen)
            : (null, seen with { Problem = Sentence(load.Problem ?? "the variant is no media playlist") });
    }

    private static async Task<ChannelTestResult> TasteAsync(ChannelTestResult seen, HlsSegment segment, SegmentFetcher fetcher, CancellationToken ct)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var download = SegmentDownload.Start(new UpstreamSegment(segment, IsBreak: true), fetcher, enough.Token);
        try
        {
            var read = await download.Body.ReadAtLeastAsync(Taste, enough.Token);
            var head = new byte[Math.Min(read.Buffer.Length, Taste)];
            read.Buffer.Slice(0, head.Length).CopyTo(head);
            download.Body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted && head.Length < MediaSniffing.Bytes)
            {
                var result = await download.Completion;
                return seen with { Problem = Sentence(result.Problem ?? "its newest segment is empty") };
            }

            return Judge(seen, head);
        }
        finally
        {
            await enough.CancelAsync();
            await download.Body.CompleteAsync();
            await ((Task)download.Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>By the same rule as a channel, which makes a transport stream of packed audio. What it does not know may become one later; here that is a no.</summary>
    private static ChannelTestResult Judge(ChannelTestResult seen, ReadOnlySpan<byte> head) => MediaSniffing.Of(head) switch
    {
        MediaKind.Fragments => seen with { Kind = "fmp4" },
        MediaKind.PackedAudio => seen with { Kind = "ts" },
        MediaKind.Text => seen with { Problem = "Its segments are text, not video or audio." },
        _ when HasPackets(head) => seen with { Kind = "ts" },
        _ => seen with { Problem = "Its segments are neither MPEG-TS nor fragmented MP4 nor packed audio." },
    };

    private static bool HasPackets(ReadOnlySpan<byte> head)
    {
        for (var at = 0; at + PacketBytes < head.Length && at < PacketBytes; at++)
        {
            if (head[at] == TsSync && head[at + PacketBytes] == TsSync)
            {
                return true;
            }
        }

        return false;
    }

    private static string Sentence(string words) => char.ToUpperInvariant(words[0]) + words[1..].TrimEnd('.') + ".";
}
