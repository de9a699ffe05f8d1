using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Publishing;

/// <summary>A server with a folder to publish to, <c>web</c>.</summary>
internal sealed class PublishingServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private PublishingServer(SluiceServer server, DirectoryInfo folder) => (Server, _folder) = (server, folder);

    public SluiceServer Server { get; }

    public HttpClient Http => Server.Http;

    /// <summary>The folder.</summary>
    public string Web => _folder.FullName;

    public static async Task<PublishingServer> StartAsync(
        bool realPackager = true, bool guarded = false, Action<SluiceOptions>? options = null, Action<WebApplicationBuilder>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-web-");
        var server = await SluiceServer.StartAsync(
            settings =>
            {
                settings.Publish.Targets = new Dictionary<string, string> { ["web"] = folder.FullName };
                options?.Invoke(settings);
            },
            configure, realPackager: realPackager, guarded: guarded);
        return new PublishingServer(server, folder);
    }

    /// <summary>Uploads a film and answers with the API's view of it.</summary>
    public async Task<JsonElement> UploadAsync(string file)
    {
        using var answer = await Server.UploadFileAsync(file);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    /// <summary>Asks for a title to be published.</summary>
    public Task<HttpResponseMessage> AskAsync(string id, string json = """{"target": "web"}""", string? bearer = null) =>
        Server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/publish", bearer, json: json);

    /// <summary>Publishes a title to the end, and answers with the view of that.</summary>
    public async Task<JsonElement> PublishAsync(string id, string json = """{"target": "web"}""")
    {
        using var asked = await AskAsync(id, json);
        asked.StatusCode.ShouldBe(HttpStatusCode.Accepted, await asked.Content.ReadAsStringAsync());
        return await StateAsync(id, "published");
    }

    /// <summary>Takes a title away, and waits until that is done.</summary>
    public async Task UnpublishAsync(string id)
    {
        using var asked = await Http.DeleteAsync($"/api/v1/media/{id}/publish?target=web");
        asked.StatusCode.ShouldBe(HttpStatusCode.Accepted, await asked.Content.ReadAsStringAsync());
        (await Eventually.Holds(async () => (await ListAsync(id)).Length == 0)).ShouldBeTrue();
    }

    /// <summary>Waits until the only publication of a title is in that state, and answers it.</summary>
    public async Task<JsonElement> StateAsync(string id, string state)
    {
        var last = "";
        JsonElement found = default;
        (await Eventually.Holds(async () =>
        {
            var all = await ListAsync(id);
            last = string.Join('\n', all);
            return all.Length == 1 && (found = all[0]).Text("state") == state;
        })).ShouldBeTrue(last);
        return found;
    }

    /// <summary>Where a title is published.</summary>
    public async Task<JsonElement[]> ListAsync(string id)
    {
        using var answer = await Http.GetAsync($"/api/v1/media/{id}/publish");
        return [.. (await answer.JsonAsync()).GetProperty("items").EnumerateArray()];
    }

    /// <summary>Files of the folder, by their names in it.</summary>
    public string[] Files() =>
    [
        .. Directory.EnumerateFiles(Web, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Web, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
