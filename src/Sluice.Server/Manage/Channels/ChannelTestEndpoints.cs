using System.Text.Json;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Manage.Channels;

/// <summary>What a channel would get from an address: <c>POST /api/v1/channels/test</c>.</summary>
internal static class ChannelTestEndpoints
{
    private const string Shape =
        "Send a JSON object with `url` and, if wanted, `userAgent`, `headers`, `resolver`, `maxHeight`, `maxBitrate`, and `channel` for the secrets of an address of that channel.";

    /// <summary>Of a request, the fields of a channel; <c>url</c> is one of its addresses.</summary>
    private static readonly string[] Taken = ["url", "userAgent", "headers", "resolver", "maxHeight", "maxBitrate"];

    /// <summary>Maps the route.</summary>
    public static void MapChannelTest(this RouteGroupBuilder channels) =>
        channels.MapPost("/test", TestAsync)
            .Accepts<ChannelTestRequest>("application/json").Produces<ChannelTestView>()
            .WithSummary("Look at an address as a channel would, without starting one; 200 with `ok` and the reason why not.");

    private static async Task<IResult> TestAsync(
        HttpRequest request, ChannelDesk desk, ChannelTest test, TimeProvider clock, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(request, ct) is not { } body || !body.TryGetProperty("url", out var url) || url.ValueKind != JsonValueKind.String)
        {
            return Problem.Result(ErrorCode.RequestInvalid, Shape);
        }

        var known = body.TryGetProperty("channel", out var name) && name.ValueKind == JsonValueKind.String ? desk.Find(name.GetString()!) : null;
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in body.EnumerateObject().Where(p => Taken.Contains(p.Name)))
        {
            fields[property.Name == "url" ? "urls" : property.Name] = property.Value;
        }

        // Headers of the channel are not shown, so they cannot be sent back either. They are for its own addresses, and for no other that somebody names.
        var isOwn = known is not null && known.Urls.Contains(ChannelBody.WithSecrets([url.GetString()!], known)[0]);
        var basis = ChannelBody.New("test") with { Headers = isOwn ? known!.Headers : [] };
        var (wish, problem) = ChannelBody.Read(JsonSerializer.SerializeToElement(fields, ManageJson.Default.DictionaryStringJsonElement), basis, known);
        if (wish is null)
        {
            return Problem.Result(ErrorCode.RequestInvalid, problem);
        }

        var started = clock.GetTimestamp();
        var result = await test.RunAsync(wish, ct);
        return TypedResults.Json(ChannelTestView.Of(result, clock.GetElapsedTime(started)), ManageJson.Default.ChannelTestView);
    }
}

/// <summary>An address to look at.</summary>
/// <param name="Url">Of a playlist, or with a resolver of a web page.</param>
/// <param name="UserAgent">Whom requests are said to come from.</param>
/// <param name="Headers">Further headers of requests.</param>
/// <param name="Resolver"><c>streamlink</c> or <c>yt-dlp</c>.</param>
/// <param name="MaxHeight">Most lines of a picture.</param>
/// <param name="MaxBitrate">Most bits per second.</param>
/// <param name="Channel">A channel that shows this address; its headers and what is not shown of its addresses are used.</param>
internal sealed record ChannelTestRequest(
    string Url, string? UserAgent, IReadOnlyDictionary<string, string>? Headers, string? Resolver, int? MaxHeight, long? MaxBitrate, string? Channel);

/// <summary>What a channel would get.</summary>
/// <param name="Ok">It would play.</param>
/// <param name="Problem">Why not; null when it would.</param>
/// <param name="Kind"><c>ts</c>, <c>fmp4</c>, or null when that was not found out.</param>
/// <param name="Live">It goes on; false for a film.</param>
/// <param name="Encrypted">Its segments are encrypted, with a key that is to be had.</param>
/// <param name="TargetDurationSeconds">About the length of its segments, or null.</param>
/// <param name="Variants">What the playlist offers; empty when there is no choice.</param>
/// <param name="Milliseconds">How long it took to find out.</param>
internal sealed record ChannelTestView(
    bool Ok, string? Problem, string? Kind, bool Live, bool Encrypted, double? TargetDurationSeconds, IReadOnlyList<VariantView> Variants, long Milliseconds)
{
    /// <summary>The view of <paramref name="result"/>.</summary>
    public static ChannelTestView Of(ChannelTestResult result, TimeSpan time) => new(
        result.Problem is null,
        result.Problem,
        result.Kind,
        result.IsLive,
        result.IsEncrypted,
        result.TargetDuration?.TotalSeconds,
        [.. result.Variants.Select(variant => VariantView.Of(variant, ReferenceEquals(variant, result.Chosen)))],
        (long)time.TotalMilliseconds);
}
