using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Sluice.Bench.Cluster;

/// <summary>A title that was uploaded.</summary>
/// <param name="Name">Of its file.</param>
/// <param name="Id">Its id.</param>
/// <param name="Hls">Path of its playlist, with the token.</param>
internal sealed record ClusterTitle(string Name, string Id, string Hls);

/// <summary>Uploads titles through whichever api node, as often as it takes, and keeps their links.</summary>
internal sealed class ClusterLibrary : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<Uri> _nodes;
    private readonly ClusterCatalog _catalog;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly ConcurrentQueue<ClusterTitle> _titles = new();
    private readonly List<string> _complaints = [];

    public ClusterLibrary(IReadOnlyList<Uri> nodes, string operatorKey, ClusterCatalog catalog)
    {
        (_nodes, _catalog) = (nodes, catalog);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", operatorKey);
    }

    /// <summary>Those that are there.</summary>
    public IReadOnlyCollection<ClusterTitle> Titles => _titles;

    /// <summary>Uploads that were cut off or refused, and done again.</summary>
    public int Repeated { get; private set; }

    /// <summary>Answers to uploads that nobody should get.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>Uploads a film until it is there.</summary>
    public async Task AddAsync(string film, CancellationToken ct)
    {
        var name = Path.GetFileName(film);
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            if (await TryUploadAsync(name, film) is { } title || (title = await TryFindAsync(name, ct)) is not null)
            {
                _titles.Enqueue(title);
                return;
            }

            Repeated++;
            await Task.Delay(Pause, ct);
        }
    }

    /// <summary>What a node says of the queue.</summary>
    public async Task<string> QueueAsync() => await _http.GetStringAsync(new Uri(_nodes[0], "api/v1/queue"));

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<ClusterTitle?> TryUploadAsync(string name, string film)
    {
        try
        {
            using var upload = new Upload(film);
            using var answer = await _http.PostAsync(new Uri(AnyNode(), "api/v1/media"), upload);
            if (answer.StatusCode == HttpStatusCode.Created)
            {
                using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                return TitleOf(name, document.RootElement.GetProperty("id").GetString()!, document.RootElement.GetProperty("playback"));
            }

            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                _complaints.Add($"an upload was answered with {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The node was killed.
        }

        return null;
    }

    /// <summary>The title was made, and its node died before it could say so: a link is made at another.</summary>
    private async Task<ClusterTitle?> TryFindAsync(string name, CancellationToken ct)
    {
        if ((await _catalog.ReadAsync($"SELECT id FROM assets WHERE file_name = '{name}' AND state <> 'arriving'")).FirstOrDefault() is not { } id)
        {
            return null;
        }

        while (true) // It is there: uploaded once more, it would be there twice.
        {
            try
            {
                using var answer = await _http.PostAsync(new Uri(AnyNode(), $"api/v1/media/{id}/tokens"), new StringContent("{}", null, "application/json"), ct);
                if (answer.StatusCode == HttpStatusCode.Created)
                {
                    using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(ct));
                    return TitleOf(name, id, document.RootElement);
                }
            }
            catch (Exception e) when (!ct.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
            {
                // That one was killed too.
            }

            await Task.Delay(Pause, ct);
        }
    }

    private Uri AnyNode() => _nodes[Random.Shared.Next(_nodes.Count)];

    private static ClusterTitle TitleOf(string name, string id, JsonElement links) => new(name, id, new Uri(links.GetProperty("hls").GetString()!).PathAndQuery);
}
