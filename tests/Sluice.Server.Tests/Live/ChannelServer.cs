using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Live;

/// <summary>The real server with channels, whose clock runs, and an upstream whose files are as a test wants them.</summary>
internal sealed class ChannelServer : IAsyncDisposable
{
    private ChannelServer(SluiceServer server, Upstream upstream) => (Server, Upstream) = (server, upstream);

    public SluiceServer Server { get; }

    public Upstream Upstream { get; }

    public HttpClient Http => Server.Http;

    /// <summary>The server's.</summary>
    public TimeProvider Clock => Server.App.Services.GetRequiredService<TimeProvider>();

    /// <summary>Starts both; the server's time runs so many times faster, or is of a clock of its own.</summary>
    public static async Task<ChannelServer> StartAsync(
        LiveSegments segments, double speed = 1, bool guarded = false, Action<SluiceOptions>? configure = null, TimeProvider? clock = null)
    {
        var upstream = await Upstream.StartAsync();
        for (var n = 0; n < segments.All.Count; n++)
        {
            upstream.Files[$"live/{n}.ts"] = segments.All[n];
        }

        upstream.Files["live/film.m3u8"] = List(0, 12, "#EXT-X-ENDLIST");
        var server = await SluiceServer.StartAsync(
            options =>
            {
                options.Outbound.Allow = ["127.0.0.1/32"];
                configure?.Invoke(options);
            },
            builder => builder.Services.AddSingleton(clock ?? (speed == 1 ? TimeProvider.System : new FastClock(speed))),
            guarded);
        return new ChannelServer(server, upstream);
    }

    /// <summary>A playlist of so many segments of a second.</summary>
    public static byte[] List(int first, int count, params string[] tags) => Encoding.UTF8.GetBytes(FaultOrigin.ListText(first, count, tags));

    /// <summary>These are the channels.</summary>
    public void Set(params ChannelDefinition[] channels) =>
        Server.App.Services.GetRequiredService<ChannelRegistry>().Apply(ChannelOrigin.Configuration, channels);

    /// <summary>One channel, with a playlist of the upstream.</summary>
    public ChannelDefinition Set(string name, string playlist)
    {
        var definition = new ChannelDefinition
        {
            Name = name,
            Urls = [Upstream.Url(playlist).Secret],
            Origin = ChannelOrigin.Configuration,
            IsPublic = true,
            Idle = TimeSpan.FromHours(1), // Of a clock that may be fast: no test is to be too slow for its channel.
        };
        Set(definition);
        return definition;
    }

    public Channel Channel(string name) =>
        Server.App.Services.GetRequiredService<ChannelRegistry>().TryGet(name, out var channel) ? channel : throw new InvalidOperationException();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
