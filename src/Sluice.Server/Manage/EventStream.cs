using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;

namespace Sluice.Server.Manage;

/// <summary>
/// One <c>text/event-stream</c> answer (WHATWG HTML, "Server-sent events"). It ends when the client goes, the asset is
/// removed or the server stops, and at the latest after half an hour: a browser then connects again by itself, and has
/// to pass the gate again with a token that may have been revoked meanwhile.
/// </summary>
internal sealed class EventStream(HttpContext context, TimeProvider clock, CancellationToken serverStops)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    /// <summary>Proxies cut connections that say nothing for a minute or less.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>At most two events a second for each job: what changes meanwhile is told once.</summary>
    private static readonly TimeSpan BetweenBatches = TimeSpan.FromMilliseconds(500);

    /// <summary>Sends <paramref name="first"/> and then what <paramref name="listener"/> hears, until the end.</summary>
    public async Task RunAsync(ChangeListener listener, IReadOnlyList<Change> first)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, serverStops);
        var until = clock.GetUtcNow() + Longest;
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold the events back
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            Comment();
            var changes = first;
            while (Send(changes) && clock.GetUtcNow() < until)
            {
                await response.BodyWriter.FlushAsync(end.Token);
                if (changes.Count > 0)
                {
                    await Task.Delay(BetweenBatches, clock, end.Token);
                }

                changes = await listener.TakeAsync(Heartbeat, end.Token);
                if (changes.Count == 0)
                {
                    Comment();
                }
            }

            await response.BodyWriter.FlushAsync(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client has gone, or the server goes.
        }
    }

    /// <summary>Writes changes; false when nothing will come any more.</summary>
    private bool Send(IReadOnlyList<Change> changes)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case JobChanged { Job: var job }:
                    Event("event: job\ndata: "u8, JobEvent.Of(job), ManageJson.Default.JobEvent);
                    break;
                case ImportChanged { Import: var import }:
                    Event("event: import\ndata: "u8, ImportView.Of(import), ManageJson.Default.ImportView);
                    break;
                case MediaChanged media:
                    var data = new MediaEvent(media.Asset.Value, media.State.Name(), media.Revision);
                    Event("event: media\ndata: "u8, data, ManageJson.Default.MediaEvent);
                    break;
                case ArrivalChanged { Arrival: var arrival }:
                    Event("event: arrival\ndata: "u8, ArrivalEvent.Of(arrival), ManageJson.Default.ArrivalEvent);
                    break;
                case MediaRemoved when context.Request.RouteValues.ContainsKey("id"):
                    return false;
                case MediaRemoved removed:
                    Event("event: media\ndata: "u8, new MediaEvent(removed.Asset.Value, MediaEvent.Removed, 0), ManageJson.Default.MediaEvent);
                    break;
            }
        }

        return true;
    }

    private void Comment() => Write(":\n\n"u8);

    private void Event<T>(ReadOnlySpan<byte> head, T data, JsonTypeInfo<T> type)
    {
        Write(head);
        Write(JsonSerializer.SerializeToUtf8Bytes(data, type));
        Write("\n\n"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        var writer = context.Response.BodyWriter;
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }
}
