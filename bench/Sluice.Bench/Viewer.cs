namespace Sluice.Bench;

/// <summary>What a player does before the first picture, over a connection of its own.</summary>
internal sealed class Viewer : IDisposable
{
    private readonly HttpClient _http = new();

    /// <summary>Reads the multivariant playlist, then each track's media playlist: video first.</summary>
    public async Task<IReadOnlyList<MediaList>> OpenAsync(Uri master)
    {
        var lines = await LinesAsync(master);
        var lists = new List<MediaList>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("#EXT-X-STREAM-INF", StringComparison.Ordinal))
            {
                lists.Add(await ReadAsync(new Uri(master, lines[i + 1]), true));
            }
            else if (lines[i].StartsWith("#EXT-X-MEDIA:TYPE=AUDIO", StringComparison.Ordinal))
            {
                lists.Add(await ReadAsync(new Uri(master, Attribute(lines[i])), false));
            }
        }

        return [.. lists.Where(l => l.IsVideo), .. lists.Where(l => !l.IsVideo)];
    }

    /// <summary>All bytes of a resource.</summary>
    public Task<byte[]> GetAsync(Uri address) => _http.GetByteArrayAsync(address);

    /// <summary>All bytes of a resource that may be in the making: asks again as long as it is told to, as players do.</summary>
    public async Task<byte[]> GetPatientlyAsync(Uri address)
    {
        while (true)
        {
            using var answer = await _http.GetAsync(address);
            if (answer.StatusCode != System.Net.HttpStatusCode.ServiceUnavailable)
            {
                return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
            }

            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<MediaList> ReadAsync(Uri address, bool isVideo)
    {
        var lines = await LinesAsync(address);
        var map = lines.First(l => l.StartsWith("#EXT-X-MAP", StringComparison.Ordinal));
        return new MediaList(
            address,
            isVideo,
            new Uri(address, Attribute(map)),
            [.. lines.Where(l => l.Length > 0 && l[0] != '#').Select(l => new Uri(address, l))]);
    }

    private async Task<string[]> LinesAsync(Uri address) => (await _http.GetStringAsync(address)).Split('\n');

    private static string Attribute(string tag)
    {
        var value = tag[(tag.IndexOf("URI=\"", StringComparison.Ordinal) + 5)..];
        return value[..value.IndexOf('"', StringComparison.Ordinal)];
    }
}

/// <summary>One media playlist with the addresses in it.</summary>
internal sealed record MediaList(Uri Address, bool IsVideo, Uri Init, IReadOnlyList<Uri> Segments);
