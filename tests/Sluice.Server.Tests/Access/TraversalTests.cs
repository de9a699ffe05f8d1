using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>
/// No name in a request leads out of where names are looked for. Every mapped route that takes a name is asked with every spelling of a way out, as raw
/// bytes: a client library would tidy them up.
/// </summary>
public sealed class TraversalTests(Clip clip) : IClassFixture<Clip>
{
    internal const string Canary = "CANARY-of-this-test";

    private static readonly string[] WaysOut =
    [
        "..", ".", "%2e%2e", "%2E%2E", "%2e", "..%2f..%2fcanary.txt", "%2e%2e%2fcanary.txt", "%2e%2e/canary.txt", "../canary.txt", "../../canary.txt",
        "%252e%252e%252fcanary.txt", "%25252e%25252e%25252fcanary.txt", "..%5ccanary.txt", @"..\canary.txt", @"..\..\secret.key", "%5c..%5csecret.key",
        "%c0%ae%c0%ae%c0%afcanary.txt", "%e0%80%ae%e0%80%ae%e0%80%afcanary.txt", "%c0%2e%c0%2e%c0%5ccanary.txt", "%ef%bc%8e%ef%bc%8e%ef%bc%8fcanary.txt",
        "%u002e%u002e%u2215canary.txt", "canary.txt%00", "canary.txt%00.m4s", "%00", "..%00/canary.txt", "%2fetc%2fpasswd", "/etc/passwd", "%2f%2fetc%2fpasswd",
        "file:%2f%2f%2fetc%2fpasswd", "....//canary.txt", "....%2f%2fcanary.txt", "..;/canary.txt", "..%3b%2fcanary.txt", "~root", "C:%5cwindows%5cwin.ini",
        "%5c%5chost%5cshare", "catalog.db", "secret.key", "%0d%0aSet-Cookie:%20a=b", "%7e", "*", "%3f", "%23", "%", "%zz", "%2", "%ff%fe",
    ];

    /// <summary>The server resolves these as RFC 3986 section 5.2.4 has it: another path is asked for then, and not this one's name.</summary>
    private static readonly string[] Resolved = ["..", ".", "%2e%2e", "%2E%2E", "%2e", "%2e%2e/canary.txt", "../canary.txt", "../../canary.txt"];

    /// <summary>Says the same of every name, as RSD does: it is not watched any more.</summary>
    private const string Stop = "/stop/{sid}";

    /// <summary>Looks nothing up by the name that a browser gives itself, and says what one may be, as RSD does.</summary>
    private const string Start = "/stream/{sid}";

    [Fact]
    public async Task Every_route_that_takes_a_name_refuses_every_way_out()
    {
        await using var node = await KvNode.StartAsync();
        await using var server = await SluiceServer.StartAsync(node.Configure, realPackager: true);
        await AskAllAsync(server, clip);

        node.Reads.ShouldBeGreaterThan(0, "flat names that are only odd are asked for");
        node.Asked.ShouldAllBe(asked => IsFlat(asked), "the key-value store is asked for no way out");
    }

    /// <summary>Asks all routes of a server for all ways out.</summary>
    internal static async Task AskAllAsync(SluiceServer server, Clip clip)
    {
        using var uploaded = await server.UploadFileAsync(clip.Path);
        var media = await uploaded.JsonAsync();
        foreach (var folder in (string[])["", "media", $"media/{media.Text("id")}", "uploads"])
        {
            await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(server.Data, folder)).FullName, "canary.txt"), Canary);
        }

        var asset = (await server.Assets.FindAsync(AssetId.Parse(media.Text("id"), null), default))!;
        var good = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["id"] = asset.Id.Value,
            ["version"] = asset.Version,
            ["track"] = "v0",
            ["rendition"] = "v0-a0",
            ["file"] = "1.m4s",
        };
        var token = media.GetProperty("playback").Text("token");
        var routes = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.Parameters.Count > 0
                && !endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("OPTIONS")).ToArray(); // Which says what there is, of any name.
        routes.Length.ShouldBeGreaterThan(40);

        var faults = new List<string>();
        foreach (var route in routes)
        {
            foreach (var parameter in route.RoutePattern.Parameters)
            {
                foreach (var way in (string[])[.. WaysOut, .. WaysOut.Select(way => way + EndingOf(route))])
                {
                    var path = PathOf(route, name => name == parameter.Name ? way : good.GetValueOrDefault(name, "x"));
                    var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
                    var answer = await AskAsync(server, $"{method} {path}?token={token}&admin_key=x");
                    var isRefused = route.RoutePattern.RawText == Start && answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal)
                        && answer.Contains("A session id has", StringComparison.Ordinal);
                    isRefused |= route.Metadata.GetMetadata<AccessPolicy>()!.Kind == AccessKind.Node && answer.StartsWith("HTTP/1.1 401 ", StringComparison.Ordinal);
                    if (!isRefused && !IsRefusal(answer, method, (Resolved.Contains(way) && method == "GET") || route.RoutePattern.RawText == Stop))
                    {
                        faults.Add($"{method} {path} ({route.RoutePattern.RawText}): {answer[..Math.Min(answer.Length, 200)]}");
                    }
                }
            }
        }

        faults.ShouldBeEmpty();
        (await server.Assets.FindAsync(asset.Id, default)).ShouldNotBeNull("the title of the good names is still there");
        server.Logs.Lines.ShouldNotContain(line => line.Contains("InvalidOperation", StringComparison.Ordinal) || line.Contains("UnauthorizedAccess", StringComparison.Ordinal));
    }

    /// <summary>What a name must end in to be looked for at all.</summary>
    private static string EndingOf(RouteEndpoint route) => route.RoutePattern.RawText switch
    {
        "/ts/{name}" => ".ts",
        "/m3u8/{name}" => ".m3u8",
        _ => "",
    };

    /// <summary>A key of the store that is one, however often somebody on the way decodes it. Written here once more, for it is what is tested.</summary>
    private static bool IsFlat(string asked)
    {
        var name = asked.Split(' ', 2)[1];
        for (var decoded = 0; decoded < 5; decoded++)
        {
            if (name.AsSpan().ContainsAny("/\\\0\r\n") || name.Contains("..", StringComparison.Ordinal) || name.StartsWith('.'))
            {
                return false;
            }

            name = Uri.UnescapeDataString(name);
        }

        return true;
    }

    private static string PathOf(RouteEndpoint route, Func<string, string> value) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter => value(parameter.Name),
            _ => throw new NotSupportedException(),
        }))));

    /// <summary>A refusal, or a page of the app, which is the same for every name; and nothing of what lies outside in any case. What is sent with a body
    /// may be refused for that, and what is no path at all is answered by the web server itself, before anything of ours has seen it.</summary>
    private static bool IsRefusal(string answer, string method, bool mayAnswer)
    {
        var status = answer.Length > 12 && int.TryParse(answer.AsSpan(9, 3), out var code) ? code : 0;
        var leaks = answer.Contains(Canary, StringComparison.Ordinal) || answer.Contains("SQLite format", StringComparison.Ordinal)
            || answer.Contains("root:x:", StringComparison.Ordinal) || answer.Contains("Set-Cookie", StringComparison.OrdinalIgnoreCase);
        return !leaks && (status is 403 or 404 or 405 || (status == 400 && !answer.Contains("X-Content-Type-Options", StringComparison.OrdinalIgnoreCase)) || (status is 415 or 422 && method is "PUT" or "POST" or "PATCH")
            || (status == 200 && (mayAnswer || answer.Contains("text/html", StringComparison.Ordinal))));
    }

    private static async Task<string> AskAsync(SluiceServer server, string line)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(
            $"{line} HTTP/1.1\r\nHost: {server.Http.BaseAddress.Authority}\r\nTus-Resumable: 1.0.0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        return await RawAnswer.ReadAsync(stream);
    }
}
