using Sluice.Media.Hls;
using Sluice.Server.Catalog;

namespace Sluice.Server.Live.Channels;

/// <summary>Whose word a channel is.</summary>
internal enum ChannelOrigin
{
    /// <summary>The operator's configuration file: its hosts are thereby allowed, private or not.</summary>
    Configuration,

    /// <summary>Somebody who came by API: <c>outbound.allow</c> says what may be asked.</summary>
    Api,

    /// <summary>A session: it goes with that, and is in no list. <c>outbound.allow</c> says what may be asked.</summary>
    Session,
}

/// <summary>What a channel is to be. Two that say the same are equal, lists included. As text it is its name: headers and URLs may hold secrets.</summary>
internal sealed record ChannelDefinition
{
    /// <summary>Under which it is asked for; see <see cref="IsName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>What people are shown; null shows the name.</summary>
    public string? Title { get; init; }

    /// <summary>Where it comes from: the first, then what stands in for it, in order. Never empty.</summary>
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>False: nobody gets it.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Anyone may watch it; else a playback token is needed.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Whom requests are said to come from; null is Sluice itself.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Further headers of requests; <c>Authorization</c> and <c>Cookie</c> go to the hosts of <see cref="Urls"/> only, others also to those that their playlists name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Memory for what was received last and what is on its way. Default 16 MiB, as StreamPipe has it.</summary>
    public long BufferBytes { get; init; } = 16L << 20;

    /// <summary>How long the upstream is kept after the last viewer. Default 20 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Segments that are fetched at a time. Default 4.</summary>
    public int Threads { get; init; } = 4;

    /// <summary>Patience with the header of an answer, and with each pause in its body; a viewer waits twice as long for the first picture. Default 20 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Which variant of a multivariant playlist.</summary>
    public VariantPolicy Policy { get; init; } = new();

    /// <summary><c>streamlink</c> or <c>yt-dlp</c>, which finds the playlist behind a page; null when the URLs are playlists.</summary>
    public string? Resolver { get; init; }

    /// <summary>The URLs are no playlists but bodies, which are shown while they come.</summary>
    public bool IsBody { get; init; }

    /// <summary>Most viewers at a time, recordings not counted; null for any number.</summary>
    public int? MaxViewers { get; init; }

    /// <summary>Whose word it is.</summary>
    public required ChannelOrigin Origin { get; init; }

    private (string, string?, bool, bool, string?, long, TimeSpan, int, TimeSpan, VariantPolicy, string?, bool, int?, ChannelOrigin) Singles =>
        (Name, Title, IsEnabled, IsPublic, UserAgent, BufferBytes, Idle, Threads, Timeout, Policy with { Languages = [] }, Resolver, IsBody, MaxViewers, Origin);

    /// <summary>Whether a text may be a channel's name: lower-case letters, digits and hyphens, 1 to 64 of them (StreamPipe's rule).</summary>
    public static bool IsName(string text) => ChannelName.IsValid(text);

    /// <summary>Whether both ask for the same, in the same way, so that whoever watches need not be disturbed by the change.</summary>
    public bool IsSameSource(ChannelDefinition other) => Equals(other with { Title = Title, IsPublic = IsPublic, Idle = Idle, MaxViewers = MaxViewers });

    /// <inheritdoc />
    public bool Equals(ChannelDefinition? other) => other is not null && Singles == other.Singles
        && Urls.SequenceEqual(other.Urls, StringComparer.Ordinal) && Headers.SequenceEqual(other.Headers)
        && Policy.Languages.SequenceEqual(other.Policy.Languages, StringComparer.Ordinal);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Singles, Urls.Count, Headers.Count);

    /// <inheritdoc />
    public override string ToString() => Name;
}
