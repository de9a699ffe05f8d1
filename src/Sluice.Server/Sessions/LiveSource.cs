using Sluice.Server.Live.Channels;

namespace Sluice.Server.Sessions;

/// <summary>A playlist on another server: a channel for as long as the session lasts.</summary>
internal sealed class LiveSource(SessionChannels channels, ChannelDefinition definition, Channel channel) : OpenedSource
{
    /// <inheritdoc />
    public override string Title => definition.Title!;

    /// <inheritdoc />
    public override string? Channel => definition.Name;

    /// <inheritdoc />
    public override bool IsWatched => channel.Status().Viewers is { } now && now.Endless + now.Hls + now.Recording > 0;

    /// <inheritdoc />
    public override ValueTask DisposeAsync()
    {
        channels.Remove(definition.Name);
        return ValueTask.CompletedTask;
    }
}
