using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Imports;

/// <summary>Servers that import, and what one asks them.</summary>
internal static class ImportServer
{
    /// <summary>A server that may ask loopback, and whose pauses pass ten times as fast.</summary>
    public static Task<SluiceServer> StartAsync(
        Action<SluiceOptions>? options = null, Action<WebApplicationBuilder>? configure = null, string? data = null, bool realPackager = false) =>
        SluiceServer.StartAsync(
            settings =>
            {
                settings.Outbound.Allow = ["127.0.0.1/32"];
                settings.Ingest.Resolvers = false; // What this machine has installed is no part of a test.
                options?.Invoke(settings);
            },
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(new FastClock(10));
                configure?.Invoke(builder);
            },
            data: data,
            realPackager: realPackager);

    public static Task<HttpResponseMessage> PostAsync(SluiceServer server, string url, string more = "") => server.SendAsync(
        HttpMethod.Post, "/api/v1/imports", json: $$"""{"url":{{JsonSerializer.Serialize(url)}}{{more}}}""");

    /// <summary>Has it import, and answers with the import as it was taken.</summary>
    public static async Task<JsonElement> AskAsync(SluiceServer server, string url, string more = "")
    {
        using var response = await PostAsync(server, url, more);
        ((int)response.StatusCode).ShouldBe(202, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    /// <summary>Imports, and answers how that ended.</summary>
    public static async Task<JsonElement> EndAsync(SluiceServer server, string url, string more = "") =>
        await EndOfAsync(server, await AskAsync(server, url, more));

    /// <summary>Waits until an import has ended.</summary>
    public static Task<JsonElement> EndOfAsync(SluiceServer server, JsonElement import) =>
        UntilAsync(server, import.Text("id"), now => now.GetProperty("finishedAt").ValueKind != JsonValueKind.Null);

    /// <summary>Waits until an import is so.</summary>
    public static async Task<JsonElement> UntilAsync(SluiceServer server, string id, Func<JsonElement, bool> isSo)
    {
        var now = default(JsonElement);
        var became = await Eventually.Holds(
            async () =>
            {
                using var response = await server.Http.GetAsync($"/api/v1/imports/{id}");
                now = await response.JsonAsync();
                return isSo(now);
            });
        became.ShouldBeTrue($"it stays {now}");
        return now;
    }
}
