using System.Net;
using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Somebody who was given a link to an HLS playlist.</summary>
internal sealed partial class Player(SluiceServer server, string hls)
{
    private const int SegmentSeconds = 6;

    private readonly string _home = hls[..hls.IndexOf("master.m3u8", StringComparison.Ordinal)];
    private readonly string _query = hls[hls.IndexOf('?', StringComparison.Ordinal)..];

    /// <summary>Version and name of the tracks that the multivariant playlist names.</summary>
    public async Task<(string Version, string Track)[]> TracksAsync() =>
        [.. Tracks().Matches(await server.Http.GetStringAsync(hls)).Select(m => (m.Groups["version"].Value, m.Groups["track"].Value)).Distinct()];

    public string UrlOf(string file) => $"{_home}{file}{_query}";

    public Task<HttpResponseMessage> GetAsync(string file) => server.Http.GetAsync(UrlOf(file));

    public async Task<byte[]> BytesAsync(string file)
    {
        using var answer = await GetAsync(file);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, file);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    public async Task<string> TextAsync(string file) => System.Text.Encoding.UTF8.GetString(await BytesAsync(file));

    /// <summary>Fetches four segments of every track from the middle of a film, whose pictures are as they were made.</summary>
    /// <param name="length">Of the film.</param>
    /// <param name="picturesOf">The pictures of a segment.</param>
    public async Task ShouldPlayTheMiddleAsync(TimeSpan length, Func<int, byte[]> picturesOf)
    {
        var tracks = await TracksAsync();
        tracks.Select(t => t.Track).ShouldBe(["v0", "a0"], ignoreOrder: true);
        var middle = (int)(length.TotalSeconds / SegmentSeconds / 2);
        foreach (var (version, track) in tracks)
        {
            for (var n = middle; n < middle + 4; n++)
            {
                var segment = await BytesAsync($"{version}/{track}/{n}.m4s");
                if (track == "v0")
                {
                    var pictures = picturesOf(n);
                    segment.AsSpan(segment.Length - pictures.Length).SequenceEqual(pictures).ShouldBeTrue($"segment {n}");
                }
            }
        }
    }

    [GeneratedRegex(@"(?<version>[0-9a-f]+)/(?<track>[va]\d+)/index\.m3u8", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tracks();
}
