using Sluice.Server.Access;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Manage.Channels;

/// <summary>Links to channels, for the operator.</summary>
internal sealed class ChannelPlayback(PlaybackTokens tokens, FindChannel find)
{
    /// <summary>Links to a channel, with a token where one is needed.</summary>
    public ChannelLinks Of(HttpRequest request, Channel channel) =>
        channel.Definition.IsPublic ? ChannelLinks.Of(request, channel.Definition.Name) : WithToken(request, channel.Definition.Name, null);

    /// <summary>Links to a channel with a token of their own, public or not; without one when the channel has just gone.</summary>
    public ChannelLinks WithToken(HttpRequest request, string name, TimeSpan? life) =>
        ChannelLinks.Of(request, name, find(name) is { } door ? tokens.Issue(door, life) : null);
}
