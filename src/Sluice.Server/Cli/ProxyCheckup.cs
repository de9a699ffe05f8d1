using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Sluice.Server.Catalog;

namespace Sluice.Server.Cli;

/// <summary>
/// Looks at a server from outside, through the proxies in front of it: <c>sluice doctor --url</c>. What a proxy does is seen, not read from its
/// configuration, so it does not matter which one it is.
/// </summary>
/// <param name="http">Asks; its base address is the server's public one.</param>
/// <param name="operatorKey">The operator key, or null.</param>
internal sealed class ProxyCheckup(HttpClient http, string? operatorKey)
{
    private const string Root = "/api/v1/proxy-check";

    /// <summary>An address that nobody has (RFC 5737).</summary>
    private const string Forged = "192.0.2.77";

    /// <summary>A name that nobody has (RFC 6761 section 6.4).</summary>
    private const string ForgedHost = "forged.invalid";

    /// <summary>All findings, in the order in which a person would mend them.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        var found = new List<Finding>();
        try
        {
            if (await LookAsync(found, ct))
            {
                found.Add(await RangeAsync(ct));
                found.Add(await UploadCheck.RunAsync(http, Request, ct));
                found.Add(await LiveAsync(ct));
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            found.Add(new Finding(Severity.Fail, "server", $"{http.BaseAddress} does not answer as Sluice does: {e.Message.TrimEnd('.')}", "is it running, and is this its address?"));
        }

        return found;
    }

    private async Task<bool> LookAsync(List<Finding> found, CancellationToken ct)
    {
        using var answer = await http.SendAsync(Request(HttpMethod.Get, Root), ct);
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            found.Add(new Finding(Severity.Fail, "key", "the server wants its operator key for this", "give it in SLUICE_KEY"));
            return false;
        }

        if (answer.StatusCode == HttpStatusCode.MisdirectedRequest)
        {
            found.Add(new Finding(
                Severity.Fail, "host", "the server does not answer to the host name that it is asked for",
                $"server.publicUrl: {Home}; and have the proxy pass it on (nginx: proxy_set_header Host $host)"));
            return false;
        }

        var seen = await ReadAsync(answer, ct);
        found.Add(new Finding(Severity.Ok, "server", $"{Home} answers"));
        if (http.BaseAddress!.Scheme == "https")
        {
            found.Add(answer.Version.Major >= 2
                ? new Finding(Severity.Ok, "HTTP/2", "spoken")
                : new Finding(Severity.Warn, "HTTP/2", $"not spoken; every request waits for a connection of its own (HTTP/{answer.Version})", "nginx: `http2 on;` beside `listen 443 ssl;`"));
        }

        found.Add(Links(seen));
        var isProxied = answer.Headers.Server.Count > 0 || answer.Headers.Via.Count > 0;
        found.Add(await ClientsAsync(seen, isProxied, ct));
        if (seen.Forwarded == "trusted")
        {
            found.Add(await ForgeryAsync(ct));
        }

        if (!http.BaseAddress.IsLoopback)
        {
            found.Add(await DoorAsync(ct));
        }

        return true;
    }

    /// <summary>Whether a stranger gets in who has no key.</summary>
    private async Task<Finding> DoorAsync(CancellationToken ct)
    {
        using var request = Request(HttpMethod.Get, Root);
        request.Headers.Authorization = null;
        using var answer = await http.SendAsync(request, ct);
        return answer.StatusCode == HttpStatusCode.Unauthorized
            ? new Finding(Severity.Ok, "door", "shut to those without a key")
            : new Finding(
                Severity.Fail, "door", "open: whoever reaches this address may upload and delete, without any key",
                $"server.publicUrl: {Home}; the server then asks for its operator key although it listens on loopback");
    }

    /// <summary>Whether a trusted proxy hands on what a stranger says of the scheme and the host.</summary>
    private async Task<Finding> ForgeryAsync(CancellationToken ct)
    {
        var scheme = http.BaseAddress!.Scheme == "https" ? "http" : "https";
        using var request = Request(HttpMethod.Get, Root);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", ForgedHost);
        using var answer = await http.SendAsync(request, ct);
        var seen = await ReadAsync(answer, ct);
        string[] wrong = [.. HandedOn("X-Forwarded-Proto", seen.SaidScheme, scheme, "$scheme"), .. HandedOn("X-Forwarded-Host", seen.SaidHost, ForgedHost, "$http_host")];
        return wrong.Length == 0
            ? new Finding(Severity.Ok, "headers", "said by the proxy alone")
            : new Finding(Severity.Fail, "headers", "anybody can say by which scheme or for which host a request came: it is handed on, and believed", "nginx: " + string.Join(' ', wrong));
    }

    private static string[] HandedOn(string header, string said, string forged, string right) =>
        said.Split(',').Any(part => part.Trim() == forged) ? [$"proxy_set_header {header} {right};"] : [];

    private Finding Links(Seen seen) => string.Equals(seen.Home, Home, StringComparison.OrdinalIgnoreCase)
        ? new Finding(Severity.Ok, "links", $"begin with {seen.Home}")
        : new Finding(Severity.Fail, "links", $"begin with {seen.Home}, where nobody outside may get", $"server.publicUrl: {Home}");

    private async Task<Finding> ClientsAsync(Seen seen, bool isProxied, CancellationToken ct)
    {
        using var request = Request(HttpMethod.Get, Root);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", Forged);
        using var answer = await http.SendAsync(request, ct);
        if ((await ReadAsync(answer, ct)).Client == Forged)
        {
            return seen is { Forwarded: "trusted", ClientIsTrusted: true }
                ? new Finding(Severity.Ok, "clients", $"told apart; you ask from {seen.Client}, which is trusted itself: ask from elsewhere to see whether others can claim any address")
                : new Finding(
                Severity.Fail, "clients", "anybody can claim any address: what a request says of its sender is handed on, and believed",
                "nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; and only proxies belong into server.trustedProxies");
        }

        return seen.Forwarded switch
        {
            "trusted" => new Finding(Severity.Ok, "clients", $"told apart; you are {seen.Client}, by {seen.Peer}"),
            "untrusted" => new Finding(
                Severity.Warn, "clients", $"a proxy at {seen.Peer} says who asks, and is not believed: all clients count as one", $"server.trustedProxies: [{seen.Peer}]"),
            _ => isProxied
                ? new Finding(
                    Severity.Warn, "clients", $"the proxy at {seen.Peer} does not say who asks: all clients count as one",
                    $"nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; and server.trustedProxies: [{seen.Peer}]")
                : new Finding(Severity.Ok, "clients", $"ask the server themselves; you are {seen.Client}"),
        };
    }

    private async Task<Finding> RangeAsync(CancellationToken ct)
    {
        using var request = Request(HttpMethod.Get, Root + "/range");
        request.Headers.Range = new RangeHeaderValue(3, 5);
        using var answer = await http.SendAsync(request, ct);
        return answer.StatusCode == HttpStatusCode.PartialContent && await answer.Content.ReadAsStringAsync(ct) == "345"
            ? new Finding(Severity.Ok, "ranges", "passed on")
            : new Finding(Severity.Fail, "ranges", $"not passed on: a part of a file is answered with {(int)answer.StatusCode}", "have the proxy pass on the Range header, and keep 206");
    }

    /// <summary>Reads the first half of a body, and says so; the second half tells whether that was heard in time.</summary>
    private async Task<Finding> LiveAsync(CancellationToken ct)
    {
        var meeting = AssetId.New();
        using var answer = await http.SendAsync(Request(HttpMethod.Get, $"{Root}/live/{meeting}"), HttpCompletionOption.ResponseHeadersRead, ct);
        answer.EnsureSuccessStatusCode();
        using var body = new StreamReader(await answer.Content.ReadAsStreamAsync(ct));
        var first = await body.ReadLineAsync(ct);
        if (first == "begun")
        {
            using var met = await http.SendAsync(Request(HttpMethod.Post, $"{Root}/meetings/{meeting}"), ct);
        }

        return first == "begun" && await body.ReadLineAsync(ct) == "met"
            ? new Finding(Severity.Ok, "live", "sent on as it comes")
            : new Finding(
                Severity.Fail, "live", "the proxy keeps what is sent until it has a lot of it: channels and progress stand still",
                "nginx: proxy_http_version 1.1; and proxy_buffering off; and no proxy_ignore_headers X-Accel-Buffering");
    }

    private string Home => http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        if (operatorKey is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", operatorKey);
        }

        return request;
    }

    private static async Task<Seen> ReadAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        answer.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(ct));
        string Text(string name) => json.RootElement.TryGetProperty(name, out var value) ? value.GetString() ?? "" : throw new JsonException($"'{name}' is missing");
        return new Seen(Text("home"), Text("client"), Text("peer"), Text("forwarded"), json.RootElement.TryGetProperty("clientIsTrusted", out var trusted) && trusted.GetBoolean(),
            Text("saidScheme"), Text("saidHost"));
    }

    private sealed record Seen(string Home, string Client, string Peer, string Forwarded, bool ClientIsTrusted, string SaidScheme, string SaidHost);
}
