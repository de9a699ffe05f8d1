using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Server.Cli;

/// <summary>Talks to a running server through its native API. Disposing closes the connections.</summary>
/// <param name="server">Its address.</param>
/// <param name="operatorKey">Sent with every request when given.</param>
/// <param name="isOwn">It is the one of the data folder on this machine. It is asked by its address, which no certificate names; who can give it
/// another could read the folder too.</param>
internal sealed class SluiceClient(Uri server, string? operatorKey, bool isOwn = false) : IDisposable
{
    // An upload takes as long as it takes; a dead connection shows itself.
#pragma warning disable RS0030 // A command asks the server that its user named; there is nothing that the user could not ask too.
    private readonly HttpClient _http = new(new ConnectionFaults(new SocketsHttpHandler { SslOptions = TlsOf(isOwn) })) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030

    /// <summary>Publishes a file: <c>POST /api/v1/media</c>. The file is read as it is sent.</summary>
    /// <param name="file">What to send.</param>
    /// <param name="title">Title, or null for the file's name.</param>
    /// <param name="expiresInMinutes">Life of the title, or null for no end.</param>
    /// <param name="sent">Told the bytes sent so far.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="CommandException">The server refused it, or does not answer.</exception>
    public async Task<PublishedMedia> AddAsync(
        FileInfo file, string? title, int? expiresInMinutes, Action<long> sent, CancellationToken ct)
    {
        var query = new StringBuilder("api/v1/media?");
        if (title is not null)
        {
            query.Append("title=").Append(Uri.EscapeDataString(title)).Append('&');
        }

        if (expiresInMinutes is { } minutes)
        {
            query.Append(CultureInfo.InvariantCulture, $"expiresInMinutes={minutes}");
        }

        using var content = new FileContent(file, sent);
        // RFC 5987 carries any name; the plain form cannot hold quotes or anything beyond ASCII.
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data")
        {
            Name = "media",
            FileName = "upload",
            FileNameStar = file.Name,
        };
        using var form = new MultipartFormDataContent { content };
        using var request = Request(HttpMethod.Post, query.ToString().TrimEnd('?', '&'));
        request.Content = form;
        // A refusal then comes before the bytes are sent, and is read rather than lost in a broken connection.
        request.Headers.ExpectContinue = true;
        return await SendAsync(request, PublishedMedia.Parse, ct);
    }

    /// <summary>Publishes a file in pieces (<see cref="TusUpload"/>); the same command goes on where it was.</summary>
    /// <param name="file">What to send.</param>
    /// <param name="title">Title, or null for the file's name.</param>
    /// <param name="expiresInMinutes">Life of the title, or null for no end.</param>
    /// <param name="memory">Where unfinished uploads are.</param>
    /// <param name="sent">Told the bytes sent so far.</param>
    /// <param name="plays">Told once the address of the watch page, when the file plays while it is being sent.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="CommandException">The server refused it, or did not answer for minutes.</exception>
    public async Task<PublishedMedia> AddInPiecesAsync(
        FileInfo file, string? title, int? expiresInMinutes, UploadMemory memory, Action<long> sent, Action<string> plays, CancellationToken ct)
    {
        var upload = new TusUpload(_http, Request, async (answer, stop) => Refusal((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(stop)), TimeProvider.System)
        {
            Plays = async (arriving, stop) => plays(await NewLinkAsync(arriving, null, null, stop)),
        };
        var key = UploadMemory.KeyOf(server, file, title, expiresInMinutes);
        var ended = memory.Find(key) is { } begun ? await upload.RunAsync(begun, file, sent, ct) : null;
        if (ended is null)
        {
            var url = await AnsweredAsync(() => upload.AnnounceAsync(file, title, expiresInMinutes, ct));
            memory.Set(key, url);
            ended = await upload.RunAsync(url, file, sent, ct) ?? throw new CommandException("The server has given the upload up.", "Its log says why.");
        }

        memory.Set(key, null);
        return await PublishedAsync(ended.Value.MediaId, ended.Value.AdminKey, ct);
    }

    /// <summary>A title that is there, with a new link if it plays.</summary>
    /// <param name="id">Which title.</param>
    /// <param name="adminKey">Its admin key, or null when it was told to somebody else.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="CommandException">The server refused it, or does not answer.</exception>
    public async Task<PublishedMedia> PublishedAsync(string id, string? adminKey, CancellationToken ct)
    {
        using var question = Request(HttpMethod.Get, $"api/v1/media/{id}");
        var (media, isPlayable) = await SendAsync(question, m => (PublishedMedia.Parse(m), Text(m, "state") is "ready" or "processing"), ct);
        return media with { AdminKey = adminKey, Watch = isPlayable ? await NewLinkAsync(id, null, null, ct) : null };
    }

    /// <summary>Has the server fetch an address: <c>POST /api/v1/imports</c>.</summary>
    /// <param name="address">http or https.</param>
    /// <param name="title">Title, or null for the file's name.</param>
    /// <param name="expiresInMinutes">Life of the title, or null for no end.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="CommandException">The server refused it, or does not answer.</exception>
    public async Task<FetchProgress> BeginImportAsync(Uri address, string? title, int? expiresInMinutes, CancellationToken ct)
    {
        using var request = Request(HttpMethod.Post, "api/v1/imports");
        var wish = new JsonObject { ["url"] = address.OriginalString, ["title"] = title, ["expiresInMinutes"] = expiresInMinutes };
        request.Content = new StringContent(wish.ToJsonString(), Encoding.UTF8, "application/json");
        return await SendAsync(request, FetchProgress.Parse, ct);
    }

    /// <summary>How far an import is: <c>GET /api/v1/imports/{id}</c>.</summary>
    /// <param name="id">Which one.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="CommandException">There is none, or the server does not answer.</exception>
    public async Task<FetchProgress> ImportAsync(string id, CancellationToken ct)
    {
        using var request = Request(HttpMethod.Get, $"api/v1/imports/{Uri.EscapeDataString(id)}");
        return await SendAsync(request, FetchProgress.Parse, ct);
    }

    /// <summary>A new playback link: <c>POST /api/v1/media/{id}/tokens</c>.</summary>
    /// <param name="id">Which title.</param>
    /// <param name="adminKey">Its admin key, or null where the operator's is enough.</param>
    /// <param name="expiresInMinutes">Life of the link, or null for the server's default.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="CommandException">The server refused it, or does not answer.</exception>
    public async Task<string> NewLinkAsync(string id, string? adminKey, int? expiresInMinutes, CancellationToken ct)
    {
        using var request = Request(HttpMethod.Post, $"api/v1/media/{Uri.EscapeDataString(id)}/tokens");
        if (adminKey is not null)
        {
            request.Headers.Add("X-Admin-Key", adminKey);
        }

        var body = expiresInMinutes is { } minutes ? $$"""{"expiresInMinutes":{{minutes.ToString(CultureInfo.InvariantCulture)}}}""" : "{}";
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await SendAsync(request, playback => Text(playback, "watch") ?? throw new JsonException("no link"), ct);
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static SslClientAuthenticationOptions TlsOf(bool isOwn) => new()
    {
        RemoteCertificateValidationCallback = (_, _, _, errors) => isOwn || errors == SslPolicyErrors.None,
    };

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var root = server.AbsoluteUri.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/");
        var request = new HttpRequestMessage(method, new Uri(root, path));
        if (operatorKey is { Length: > 0 })
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", operatorKey);
        }

        return request;
    }

    /// <param name="request">What to ask.</param>
    /// <param name="read">Reads the answer; a <see cref="JsonException"/> from it says that no Sluice gave it.</param>
    /// <param name="ct">Stops it.</param>
    private Task<T> SendAsync<T>(HttpRequestMessage request, Func<JsonElement, T> read, CancellationToken ct) => AnsweredAsync(async () =>
    {
        using var response = await _http.SendAsync(request, ct);
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        if (!response.IsSuccessStatusCode)
        {
            throw Refusal((int)response.StatusCode, body);
        }

        using var answer = JsonDocument.Parse(body);
        return read(answer.RootElement);
    });

    /// <summary>Says so when nobody answers at the address, or somebody else.</summary>
    private async Task<T> AnsweredAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            throw new NoServerException($"No server answers at {server.AbsoluteUri.TrimEnd('/')}.",
                "Start one with `sluice serve`, or name another with --server URL.");
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            throw new NoServerException($"The certificate of {server.AbsoluteUri.TrimEnd('/')} is not one that this machine trusts.", "Use the name that it was made for.");
        }
        catch (JsonException)
        {
            throw new NoServerException($"What answers at {server.AbsoluteUri.TrimEnd('/')} is not a Sluice server.", "Check --server.");
        }
    }

    /// <summary>The reason in the server's own words (RFC 9457), or its status when it gave none.</summary>
    private static CommandException Refusal(int status, byte[] body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            return new CommandException(Text(problem.RootElement, "detail") ?? Text(problem.RootElement, "title") ?? $"The server answered {status}.", Text(problem.RootElement, "hint"));
        }
        catch (JsonException)
        {
            return new CommandException($"The server answered {status}.");
        }
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object
        && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
