using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.AnyFiles;

/// <summary>What somebody who follows our HLS links gets.</summary>
/// <param name="Master">The multivariant playlist.</param>
/// <param name="Resolution">Of the first variant; null without a picture.</param>
/// <param name="Video">Init segment and all segments of the first variant's picture, or null. A transport stream has both in one.</param>
/// <param name="Audio">The same of the sound that is heard first, or null.</param>
/// <param name="Languages">Of the sounds.</param>
/// <param name="Seconds">Sum of the segments' durations of the longest playlist that was read.</param>
internal sealed record Viewing(string Master, string? Resolution, string? Video, string? Audio, string[] Languages, double Seconds);

/// <summary>Follows HLS links as a player does: again, when the server says that a segment takes longer.</summary>
internal sealed partial class HlsViewer(HttpClient http, string folder)
{
    /// <summary>Reads the best picture and the first sound, whole.</summary>
    public async Task<Viewing> ReadAsync(Uri master, CancellationToken ct)
    {
        var text = System.Text.Encoding.UTF8.GetString(await GetAsync(master, ct));
        if (!text.Contains("#EXT-X-STREAM-INF", StringComparison.Ordinal))
        {
            var (both, seconds) = await TrackAsync(master, "both.ts", ct);
            return new Viewing(text, null, both, both, [], seconds);
        }

        var variant = VariantLine().Match(text);
        var resolution = ResolutionValue().Match(variant.Value) is { Success: true } size ? size.Groups["value"].Value : null;
        var menu = MenuLine().Matches(text).Select(m => m.Value).ToList();
        var chosen = menu.FirstOrDefault(m => m.Contains("DEFAULT=YES", StringComparison.Ordinal)) ?? menu.FirstOrDefault();
        var first = new Uri(master, variant.Groups["uri"].Value);
        var (video, videoSeconds) = resolution is null ? (null, 0) : await TrackAsync(first, "video.mp4", ct);
        var sound = resolution is null ? first : chosen is null ? null : new Uri(master, UriValue().Match(chosen).Groups["value"].Value);
        var (audio, audioSeconds) = sound is null ? (null, 0) : await TrackAsync(sound, "audio.mp4", ct);
        var languages = menu.Select(m => LanguageValue().Match(m)).Where(m => m.Success).Select(m => m.Groups["value"].Value);
        return new Viewing(text, resolution, video, audio, [.. languages], Math.Max(videoSeconds, audioSeconds));
    }

    private async Task<(string? File, double Seconds)> TrackAsync(Uri playlist, string name, CancellationToken ct)
    {
        var text = System.Text.Encoding.UTF8.GetString(await GetAsync(playlist, ct));
        text.ShouldContain("#EXT-X-ENDLIST");
        var path = Path.Combine(folder, name);
        await using var file = File.Create(path);
        if (UriValue().Match(text) is { Success: true } init)
        {
            await file.WriteAsync(await GetAsync(new Uri(playlist, init.Groups["value"].Value), ct), ct);
        }

        var seconds = 0.0;
        foreach (Match segment in SegmentLines().Matches(text))
        {
            seconds += double.Parse(segment.Groups["seconds"].Value, CultureInfo.InvariantCulture);
            await file.WriteAsync(await GetAsync(new Uri(playlist, segment.Groups["uri"].Value), ct), ct);
        }

        return (path, seconds);
    }

    private async Task<byte[]> GetAsync(Uri uri, CancellationToken ct)
    {
        var until = TimeProvider.System.GetUtcNow() + Eventually.Patience;
        while (true)
        {
            using var answer = await http.GetAsync(uri, ct);
            if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict && TimeProvider.System.GetUtcNow() < until)
            {
                answer.Headers.RetryAfter.ShouldNotBeNull($"{uri.AbsolutePath} says {answer.StatusCode} and not when to come back");
                await Task.Delay(100, ct);
                continue;
            }

            var body = await answer.Content.ReadAsByteArrayAsync(ct);
            Assert.True(answer.IsSuccessStatusCode, $"{uri.AbsolutePath}: {answer.StatusCode} {System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500)))}");
            return body;
        }
    }

    [GeneratedRegex("^#EXT-X-STREAM-INF:.*\\n(?<uri>\\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VariantLine();

    [GeneratedRegex("^#EXT-X-MEDIA:TYPE=AUDIO.*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MenuLine();

    [GeneratedRegex("^#EXTINF:(?<seconds>[0-9.]+),.*\\n(#.*\\n)*(?<uri>\\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SegmentLines();

    [GeneratedRegex("RESOLUTION=(?<value>\\d+x\\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ResolutionValue();

    [GeneratedRegex("LANGUAGE=\"(?<value>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LanguageValue();

    [GeneratedRegex("URI=\"(?<value>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UriValue();
}
