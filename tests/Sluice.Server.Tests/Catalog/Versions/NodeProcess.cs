using System.Net.Http.Headers;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Catalog.Versions;

/// <summary>The real program as one of several nodes over a database, with a data folder of its own and the media of all of them.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly SluiceProcess _process;
    private readonly string _data;

    private NodeProcess(SluiceProcess process, string data) => (_process, _data) = (process, data);

    /// <summary>What a client asks it with.</summary>
    public HttpClient Http { get; } = new() { Timeout = Eventually.Patience };

    public SluiceProcess Process => _process;

    /// <summary>What its log calls an error.</summary>
    public IEnumerable<string> Errors => _process.Output.Split('\n').Where(line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal));

    /// <summary>What signs links on all nodes.</summary>
    public static string Secret { get; } = new('s', 32);

    /// <summary>Makes a data folder whose media are those of the folder for all.</summary>
    /// <param name="root">Where all of them are.</param>
    /// <param name="name">Of the node.</param>
    public static string NewData(string root, string name)
    {
        var data = Directory.CreateDirectory(Path.Combine(root, name)).FullName;
        Directory.CreateDirectory(Path.Combine(root, "media"));
        Directory.CreateSymbolicLink(Path.Combine(data, "media"), Path.Combine(root, "media"));
        return data;
    }

    /// <summary>Starts one; it may not serve yet.</summary>
    public static NodeProcess Begin(string root, string name, string database)
    {
        var data = NewData(root, name);
        return new NodeProcess(
            SluiceProcess.Start(
                ["serve", "--port", "0", "--data", data],
                new()
                {
                    ["SLUICE__STORAGE__CATALOG"] = database,
                    ["SLUICE__STORAGE__CATALOGPASSWORD"] = PostgresServer.Password,
                    ["SLUICE__ACCESS__SECRET"] = Secret,
                    ["SLUICE__TRANSCODE__THREADS"] = "1",
                }),
            data);
    }

    /// <summary>Starts one that serves.</summary>
    public static async Task<NodeProcess> StartAsync(string root, string name, string database)
    {
        var node = Begin(root, name, database);
        await node.ServesAsync();
        return node;
    }

    /// <summary>Waits until it does.</summary>
    public async Task ServesAsync() => Http.BaseAddress = new Uri(await _process.UrlAsync(_data));

    /// <summary>Uploads a clip and answers the API's view of it.</summary>
    public static async Task<JsonElement> PublishAsync(HttpClient node, byte[] clip)
    {
        using var answer = await UploadAsync(node, clip);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    /// <summary>Uploads a clip. It is made another one at its end, or titles would share their chunks.</summary>
    public static async Task<HttpResponseMessage> UploadAsync(HttpClient node, byte[] clip)
    {
        byte[] other = [.. clip, 0, 0, 0, 24, .. "free"u8, .. Guid.NewGuid().ToByteArray()];
        using var media = new ByteArrayContent(other);
        media.Headers.ContentType = new MediaTypeHeaderValue("video/mp4");
        using var form = new MultipartFormDataContent { { media, "media", "clip.mp4" } };
        return await node.PostAsync("/api/v1/media", form);
    }

    /// <summary>Plays the beginning of every rendition, as it is there.</summary>
    public static async Task PlaysAsync(HttpClient node, JsonElement media)
    {
        var query = "?token=" + media.GetProperty("playback").Text("token");
        var stream = $"/stream/{media.Text("id")}/";
        var tracks = TitleReader.TracksOf(await node.GetStringAsync(stream + "master.m3u8" + query));
        tracks.ShouldNotBeEmpty();
        foreach (var (version, track) in tracks)
        {
            (await node.GetByteArrayAsync($"{stream}{version}/{track}/1.m4s{query}")).Length.ShouldBeGreaterThan(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }
}
