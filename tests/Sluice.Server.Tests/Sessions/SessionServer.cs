using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Servers with sessions, and what one asks them.</summary>
internal static class SessionServer
{
    /// <summary>A server that may ask loopback, and whose pauses pass ten times as fast unless it is given a clock.</summary>
    public static Task<SluiceServer> StartAsync(
        Action<SluiceOptions>? options = null, FakeClock? clock = null, bool guarded = false, string? data = null,
        Action<WebApplicationBuilder>? configure = null) =>
        SluiceServer.StartAsync(
            settings =>
            {
                settings.Outbound.Allow = ["127.0.0.1/32"];
                settings.Ingest.Resolvers = false; // What this machine has installed is no part of a test.
                options?.Invoke(settings);
            },
            builder =>
            {
                if (clock is null)
                {
                    builder.Services.AddSingleton<TimeProvider>(new FastClock(10));
                }

                configure?.Invoke(builder);
            },
            guarded: guarded, realPackager: true, data: data, clock: clock);

    public static Task<HttpResponseMessage> PostAsync(SluiceServer server, string url) =>
        server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"url":{{JsonSerializer.Serialize(url)}}}""");

    /// <summary>Begins a session, or joins the one that plays this, and answers with it once it is open, however long this machine takes.</summary>
    public static async Task<JsonElement> BeginAsync(SluiceServer server, string url, int status = 201)
    {
        using var response = await PostAsync(server, url);
        ((int)response.StatusCode).ShouldBe(status, await response.Content.ReadAsStringAsync());
        var session = await response.JsonAsync();
        (await Eventually.Holds(async () =>
        {
            if (session.Text("state") == "opening")
            {
                using var joined = await server.Http.GetAsync($"/api/v1/sessions/{session.Text("id")}");
                session = await joined.JsonAsync();
            }

            return session.Text("state") != "opening";
        })).ShouldBeTrue(session.GetRawText());
        return session;
    }

    public static Task<HttpResponseMessage> EndAsync(SluiceServer server, JsonElement session) =>
        server.SendAsync(HttpMethod.Delete, $"/api/v1/sessions/{session.Text("id")}");

    public static async Task<int> StatusAsync(SluiceServer server, HttpMethod method, string path)
    {
        using var response = await server.SendAsync(method, path);
        return (int)response.StatusCode;
    }

    /// <summary>Nothing is left of any session: no row, no file, no promised room, no session. A session that ends by itself gives its room back
    /// last of all, and a moment after it is gone for everybody.</summary>
    public static async Task ShouldHaveNothingAsync(SluiceServer server)
    {
        var services = server.App.Services;
        (await Eventually.Holds(() => services.GetRequiredService<SessionScratch>().TakenBytes == 0)).ShouldBeTrue("its room is given back");
        (await services.GetRequiredService<ICatalog>().OwnedAsync(default)).ShouldBeEmpty();
        server.StoredFiles().ShouldBeEmpty();
        services.GetRequiredService<SessionDesk>().All.ShouldBeEmpty();
        var scratch = Path.Combine(server.Data, "scratch");
        (Directory.Exists(scratch) ? Directory.EnumerateFileSystemEntries(scratch) : []).ShouldBeEmpty();
    }
}
