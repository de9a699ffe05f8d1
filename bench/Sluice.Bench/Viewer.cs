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
                lists.Insert(0, await ReadAsync(new Uri(master, lines[i + 1])));
            }
            else if (lines[i].StartsWith("#EXT-X-MEDIA:TYPE=AUDIO", StringComparison.Ordinal))
            {
                lists.Add(await ReadAsync(new Uri(master, Attribute(lines[i]))));
            }
        }

        return lists;
    }

    /// <summary>All bytes of a resource.</summary>
    public Task<byte[]> GetAsync(Uri address) => _http.GetByteArrayAsync(address);

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<MediaList> ReadAsync(Uri address)
    {
        var lines = await LinesAsync(address);
        var map = lines.First(l => l.StartsWith("#EXT-X-MAP", StringComparison.Ordinal));
        return new MediaList(
            address,
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
internal sealed record MediaList(Uri Address, Uri Init, IReadOnlyList<Uri> Segments);
