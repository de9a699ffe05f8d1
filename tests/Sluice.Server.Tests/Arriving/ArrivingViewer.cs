using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;

namespace Sluice.Server.Tests.Arriving;

/// <summary>Watches a title, whether it is arriving or has arrived: by playlists, segment after segment.</summary>
internal sealed partial class ArrivingViewer(HttpClient http, string id)
{
    private string _token = "";

    /// <summary>Public name of the title.</summary>
    public string Id => id;

    /// <summary>Waits until the server says of an upload when it can be played; answers the viewer of its title.</summary>
    public static async Task<ArrivingViewer> OfAsync(HttpClient http, string uploadPath)
    {
        var tus = new TusCalls(http);
        (await Eventually.Holds(async () =>
        {
            using var head = await tus.HeadAsync(uploadPath);
            return head.Headers.TryGetValues("Sluice-Plays", out var plays) && plays.Single() == "now";
        })).ShouldBeTrue("it does not play while it arrives");
        var viewer = new ArrivingViewer(http, TusCalls.IdOf(uploadPath));
        await viewer.MintAsync();
        return viewer;
    }

    /// <summary>Gets a playback token as the operator.</summary>
    public async Task MintAsync()
    {
        using var answer = await http.PostAsync($"/api/v1/media/{id}/tokens", null);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        _token = (await answer.JsonAsync()).Text("token");
    }

    /// <summary>The title as the operator sees it.</summary>
    public async Task<JsonElement> ViewAsync() => await (await http.GetAsync($"/api/v1/media/{id}")).JsonAsync();

    public Task<HttpResponseMessage> GetAsync(string file) => http.GetAsync($"/stream/{id}/{file}?token={_token}");

    /// <summary>One file of the title as text.</summary>
    public async Task<string> TextAsync(string file) => Encoding.UTF8.GetString(await BytesAsync(file));

    /// <summary>One file of the title.</summary>
    public async Task<byte[]> BytesAsync(string file)
    {
        using var answer = await GetAsync(file);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, file);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Folders of its tracks, such as <c>0123456789ab/v0</c>, as the multivariant playlist names them.</summary>
    public async Task<string[]> TracksAsync() =>
        [.. Playlist().Matches(await TextAsync("master.m3u8")).Select(m => m.Groups["folder"].Value).Distinct()];

    /// <summary>Number of segments that the playlist of a track lists.</summary>
    public async Task<int> CountAsync(string track) => Count(await TextAsync($"{track}/index.m3u8"));

    public static int Count(string playlist) => playlist.Split('\n').Count(line => line.Contains(".m4s", StringComparison.Ordinal));

    /// <summary>Init segment and all listed segments of every track, by their names.</summary>
    public async Task<Dictionary<string, byte[]>> WatchAsync()
    {
        var seen = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var track in await TracksAsync())
        {
            seen[$"{track}/init.mp4"] = await BytesAsync($"{track}/init.mp4");
            var count = await CountAsync(track);
            for (var n = 1; n <= count; n++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{track}/{n}.m4s");
                seen[name] = await BytesAsync(name);
            }
        }

        return seen;
    }

    [GeneratedRegex(@"(?<folder>[0-9a-f]+/[va]\d+)/index\.m3u8", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Playlist();
}
