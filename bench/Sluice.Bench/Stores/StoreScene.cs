using System.Security.Cryptography;

namespace Sluice.Bench.Stores;

/// <summary>The same objects at two servers, both of which have them in their caches.</summary>
/// <param name="Name">Of the store.</param>
/// <param name="Sluice">Ours.</param>
/// <param name="Nginx">The peer.</param>
/// <param name="Large">Paths of segments of some megabytes.</param>
/// <param name="Small">Paths of segments of some ten kilobytes.</param>
internal sealed record StoreScene(string Name, SluiceServer Sluice, NginxServer Nginx, IReadOnlyList<string> Large, IReadOnlyList<string> Small)
{
    /// <summary>Fills both caches and looks at all that comes.</summary>
    /// <returns>Mean bytes of a large and of a small segment.</returns>
    /// <exception cref="InvalidOperationException">They do not answer alike, or the peer does not answer from its cache.</exception>
    public async Task<(double Large, double Small)> WarmAsync()
    {
        using var http = new HttpClient();
        return (await WarmAsync(http, Large), await WarmAsync(http, Small));
    }

    private async Task<double> WarmAsync(HttpClient http, IReadOnlyList<string> paths)
    {
        var total = 0L;
        foreach (var path in paths)
        {
            var (ours, length, _) = await SumAsync(http, new Uri(Sluice.Http.BaseAddress!, path));
            await SumAsync(http, new Uri(Nginx.Address, path));
            var (theirs, _, status) = await SumAsync(http, new Uri(Nginx.Address, path));
            if (ours != theirs || status != "HIT")
            {
                throw new InvalidOperationException($"{path} is not the same at both, or is not in nginx's cache ({status}).");
            }

            total += length;
        }

        return (double)total / paths.Count;
    }

    private static async Task<(string Sum, long Length, string Status)> SumAsync(HttpClient http, Uri address)
    {
        using var answer = (await http.GetAsync(address)).EnsureSuccessStatusCode();
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        var status = answer.Headers.TryGetValues(CachingProxy.StatusHeader, out var values) ? values.Single() : "";
        return (Convert.ToHexString(SHA256.HashData(bytes)), bytes.Length, status);
    }
}
