using System.Globalization;
using Sluice.Media.Cmaf;
using Sluice.Media.Hls;
using Sluice.Media.Manifests;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Package.Arriving;

namespace Sluice.Server.Deliver;

/// <summary>
/// Sends titles that are still arriving, by HLS: the same segments at the same URLs as afterwards, in playlists that grow.
/// <code>
///   request ──► is it there? ── yes ──► sent
///      ▲            │ no: wait a moment, at most transcode.waitSeconds ──► 503, come back
///      └── the title has arrived meanwhile: it is answered as any other
/// </code>
/// </summary>
internal sealed class ArrivingDelivery(ArrivingTitles titles, ArrivingFiles files, SluiceOptions options, TimeProvider clock)
{
    /// <summary>Bytes land all the time; a look costs a comparison when nothing new has.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Segments of a first playlist. A player asks for it again after the duration of one, and by then must not have run dry.</summary>
    private const int GoodStart = 3;

    /// <summary>So long, at most, they are waited for once there is one.</summary>
    private static readonly TimeSpan ForGoodStart = TimeSpan.FromSeconds(2);

    /// <summary>What can be found of a title that arrives.</summary>
    private enum Found
    {
        Yes,
        NotYet,
        Never,
    }

    /// <summary>Sends the multivariant playlist.</summary>
    public Task<bool> SendMultivariantAsync(HttpContext context, Asset asset) => WithTitleAsync(context, asset, async title =>
    {
        var playlist = HlsMultivariantWriter.Write([.. title.Tracks.Select(t => t.Summary)], track => $"{title.Version}/{track.Id}/index.m3u8", []);
        var told = title.Tracks.Sum(t => t.Summary.PeakBitsPerSecond); // Opened again, more of a fragmented file may be known.
        await ManifestDelivery.SendAsync(context, playlist, ManifestDelivery.HlsType, $"{title.Version}.arriving-master-{told}");
        return true;
    });

    /// <summary>Sends the playlist, the init segment or a segment of a track.</summary>
    public Task<bool> SendTrackFileAsync(HttpContext context, Asset asset) => WithTitleAsync(context, asset, async title =>
    {
        var values = context.Request.RouteValues;
        if ((string)values["version"]! != title.Version || title.Find((string)values["track"]!) is not { } track)
        {
            await Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
            return true;
        }

        switch ((string)values["file"]!)
        {
            case "index.m3u8":
                return await SendPlaylistAsync(context, title, track);
            case "init.mp4":
                await SegmentDelivery.SendInitAsync(context, title.Version, track.Summary, track.Compiler.Init);
                return true;
            case var file when SegmentNumber.TryRead(file, ".m4s", out var number):
                return await SendSegmentAsync(context, title, track, number);
            default:
                await Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
                return true;
        }
    });

    private async Task<bool> SendPlaylistAsync(HttpContext context, ArrivingTitle title, ArrivingTrack track)
    {
        // Players give up on a playlist without segments.
        var soon = clock.GetUtcNow() + ForGoodStart;
        SegmentTiming[] timings = [];
        var found = await WaitAsync(title, () =>
        {
            if (title.IsBehind)
            {
                return Found.NotYet; // What was listed must be listed again.
            }

            timings = [.. track.Compiler.Entries.Select(e => e.Timing)];
            return timings.Length >= GoodStart || (timings.Length > 0 && clock.GetUtcNow() >= soon) ? Found.Yes : track.MayGrow ? Found.NotYet : Found.Never;
        }, context.RequestAborted);
        if (timings.Length == 0)
        {
            return await RefuseAsync(context, title, found);
        }

        var playlist = HlsMediaWriter.Write(
            timings, track.Summary.Timescale, new SegmentUris { Init = "init.mp4", Suffix = ".m4s" }, track.Summary.IndependentSegments,
            HlsTargetDuration.Of(title.Tracks.Select(t => t.Summary)), isGrowing: true);
        await ManifestDelivery.SendAsync(context, playlist, ManifestDelivery.HlsType, $"{title.Version}.arriving-{track.Summary.Id}-{timings.Length}");
        return true;
    }

    private async Task<bool> SendSegmentAsync(HttpContext context, ArrivingTitle title, ArrivingTrack track, int number)
    {
        var entry = default(SegmentEntry);
        var found = await WaitAsync(title, () =>
        {
            var closed = track.Compiler.Entries;
            entry = number <= closed.Count ? closed[number - 1] : default;
            return number <= closed.Count ? Found.Yes : title.IsBehind || (track.MayGrow && IsPlausible(track, number)) ? Found.NotYet : Found.Never;
        }, context.RequestAborted);
        if (found != Found.Yes)
        {
            return await RefuseAsync(context, title, found);
        }

        using var segment = new StoredSegment(new ArrivingSegmentFiles(title, track), entry);
        await SegmentDelivery.SendAsync(context, title.Version, track.Summary, number, segment);
        return true;
    }

    /// <summary>What is foretold of fragments ends with what had landed then: there, only the next one is worth waiting for.</summary>
    private static bool IsPlausible(ArrivingTrack track, int number) =>
        number <= Math.Max(track.Summary.SegmentCount, track.Compiler.Entries.Count + 1);

    private async Task<Found> WaitAsync(ArrivingTitle title, Func<Found> look, CancellationToken ct)
    {
        var until = clock.GetUtcNow() + TimeSpan.FromSeconds(options.Transcode.WaitSeconds);
        while (true)
        {
            var isComing = files.Has(title.File);
            var found = await title.AdvanceAsync(look, ct);
            if (found != Found.NotYet || !isComing || clock.GetUtcNow() >= until)
            {
                return found;
            }

            await Task.Delay(Look, clock, ct);
        }
    }

    /// <summary>False when the title has arrived meanwhile.</summary>
    private async Task<bool> RefuseAsync(HttpContext context, ArrivingTitle title, Found found)
    {
        if (!files.Has(title.File))
        {
            return false;
        }

        if (found == Found.Never)
        {
            await Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
            return true;
        }

        await SendPendingAsync(context);
        return true;
    }

    private async Task<bool> WithTitleAsync(HttpContext context, Asset asset, Func<ArrivingTitle, Task<bool>> send)
    {
        if (await titles.HoldAsync(asset, context.RequestAborted) is not { } title)
        {
            if (files.Find(asset.Id) is null)
            {
                return false;
            }

            await SendPendingAsync(context); // An earlier process had received more than this one knows to be there.
            return true;
        }

        try
        {
            return await send(title);
        }
        finally
        {
            title.Release();
        }
    }

    private static Task SendPendingAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = 1.ToString(CultureInfo.InvariantCulture);
        return Problem.WriteAsync(context, ErrorCode.SegmentPending, "It has not arrived yet.");
    }
}
