using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Deliver;

/// <summary>A title on a server of its own, with the links that a player would follow.</summary>
internal sealed class Published : IAsyncDisposable
{
    private Published(SluiceServer server, JsonElement media) => (Server, Media) = (server, media);

    public SluiceServer Server { get; }

    public JsonElement Media { get; }

    public Uri Hls => new(Media.GetProperty("playback").Text("hls"));

    public Uri Dash => new(Media.GetProperty("playback").Text("dash"));

    public static async Task<Published> PublishAsync(string file)
    {
        var server = await SluiceServer.StartAsync(realPackager: true);
        using var answer = await server.UploadFileAsync(file);
        answer.EnsureSuccessStatusCode();
        return new Published(server, await answer.JsonAsync());
    }

    /// <summary>The URIs that a playlist lists, made absolute; in the order of the playlist.</summary>
    public async Task<IReadOnlyList<Uri>> ListAsync(Uri playlist)
    {
        var text = await Server.Http.GetStringAsync(playlist);
        return [.. Regex.Matches(text, "^(?!#)(?<uri>\\S+)|URI=\"(?<uri>[^\"]+)\"", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            .Select(m => new Uri(playlist, m.Groups["uri"].Value))];
    }

    /// <summary>The media playlist of a track.</summary>
    public async Task<Uri> TrackAsync(string id) =>
        (await ListAsync(Hls)).First(u => u.AbsolutePath.EndsWith($"/{id}/index.m3u8", StringComparison.Ordinal));

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
