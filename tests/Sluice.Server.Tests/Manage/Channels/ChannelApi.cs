using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Manage.Channels;

/// <summary>Servers with channels, and what one asks them.</summary>
internal static class ChannelApi
{
    /// <summary>An address with everything in it that is not to be shown.</summary>
    public const string SecretUrl = "http://me:pa55word@cdn.example/live/index.m3u8?key=s3cret";

    /// <summary>The same as it is shown.</summary>
    public const string ShownUrl = "http://cdn.example/live/index.m3u8?…";

    /// <summary>A server that may ask loopback, in real time.</summary>
    public static Task<SluiceServer> StartAsync(string? data = null, bool guarded = false, Action<WebApplicationBuilder>? configure = null) =>
        SluiceServer.StartAsync(
            settings => settings.Outbound.Allow = ["127.0.0.1/32"],
            builder =>
            {
                builder.Services.AddSingleton(TimeProvider.System);
                configure?.Invoke(builder);
            },
            guarded: guarded,
            data: data,
            map: app => app.MapGet("/opens/{channel}", (string channel) => channel).RequireChannel());

    public static Task<HttpResponseMessage> PutAsync(SluiceServer server, string name, string json) =>
        server.SendAsync(HttpMethod.Put, $"/api/v1/channels/{name}", json: json);

    /// <summary>Makes or changes a channel, and answers with it.</summary>
    public static async Task<JsonElement> MakeAsync(SluiceServer server, string name, string url, string more = "")
    {
        using var response = await PutAsync(server, name, $$"""{"urls":[{{JsonSerializer.Serialize(url)}}]{{more}}}""");
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    public static async Task<JsonElement> GetAsync(SluiceServer server, string path)
    {
        using var response = await server.Http.GetAsync("/api/v1/channels" + path);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    /// <summary>What runs under a name.</summary>
    public static ChannelDefinition Definition(SluiceServer server, string name)
    {
        server.App.Services.GetRequiredService<ChannelRegistry>().TryGet(name, out var channel).ShouldBeTrue();
        return channel!.Definition;
    }

    /// <summary>Gives the server a channel as its configuration file would.</summary>
    public static void Configure(SluiceServer server, string name) => server.App.Services.GetRequiredService<ChannelRegistry>().Apply(
        ChannelOrigin.Configuration, [new ChannelDefinition { Name = name, Urls = [SecretUrl], Origin = ChannelOrigin.Configuration, IsPublic = true }]);
}
