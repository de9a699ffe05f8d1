using Sluice.Server.Access;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>Registers what brings channels from the configuration file to the registry, and from there to the gate.</summary>
internal static class StreamsSetup
{
    /// <summary>Adds the channels of the configuration file, and who may watch channels.</summary>
    public static void AddConfiguredChannels(this IServiceCollection services, LoadedConfiguration loaded)
    {
        services.AddSingleton<ConfigurationReport>();
        services.AddSingleton<StreamsInForce>();
        services.AddSingleton<ChannelEpochs>();
        services.AddSingleton<ChannelAccess>();
        services.AddSingleton<FindChannel>(provider =>
        {
            var epochs = provider.GetRequiredService<ChannelEpochs>();
            return name => provider.GetRequiredService<ChannelRegistry>().TryGet(name, out var channel)
                ? new ChannelDoor(name, channel.Definition.IsPublic,
                    channel.Definition.Origin == ChannelOrigin.Api ? epochs.Of(name) : ChannelEpochs.OfConfiguration)
                : null;
        });
        if (loaded.Source is not null)
        {
            services.AddSingleton(loaded);
            services.AddHostedService<ConfigurationWatcher>();
        }
    }
}
