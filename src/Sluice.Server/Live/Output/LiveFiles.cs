using System.Globalization;
using Sluice.Server.Access;
using Sluice.Server.Deliver;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Live.Output;

/// <summary>Sends what playlists of live HLS list: segments and init segments. It is in the log, or it is gone; nothing is started for it.</summary>
internal static class LiveFiles
{
    /// <summary>A number names one segment for good, and its bytes do not change; beyond the window nobody asks for it.</summary>
    private const string Caching = "max-age=60";

    /// <summary>Sends a segment or an init segment.</summary>
    public static Task SendAsync(HttpContext context, Channel channel, string name, string file)
    {
        if (channel.Feed is not { } feed || feed.Tracks.Find(name) is not { } track)
        {
            return Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
        }

        if (track.Maps is { } maps && TryNumber(file, ".mp4", feed.FirstOf(track), out var map))
        {
            return map <= int.MaxValue && maps.TryGet((int)map, out var bytes)
                ? SendAsync(context, channel, feed, file, track.ContentType, bytes.Value, new LogStretch(track.Log, 0, 0))
                : Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
        }

        return TryNumber(file, track.Extension, feed.FirstOf(track), out var number) && number >= track.From
            && Array.Find(track.Log.Index.Segments, s => s.Number == number) is { End: { } end } segment
            && new LogStretch(track.Log, segment.Position, end) is { IsThere: true } stretch
                ? SendAsync(context, channel, feed, file, track.ContentType, segment.Prefix, stretch)
                : Problem.WriteAsync(context, ErrorCode.SegmentUnknown);
    }

    private static async Task SendAsync(
        HttpContext context, Channel channel, LiveFeed feed, string file, string type, ReadOnlyMemory<byte> prefix, LogStretch stretch)
    {
        channel.Touch(LivePlayer.Of(context)); // Nobody becomes a viewer by that: players ask for playlists, too.
        var size = prefix.Length + stretch.Length;
        var range = Representation.Begin(context, type, $"{CachesOf(context, channel)}, {Caching}", size, $"\"{feed.First.Segment:x}-{file}\"");
        var fromPrefix = (int)Math.Min(range.Start, prefix.Length);
        var ofPrefix = (int)Math.Min(range.Length, prefix.Length - fromPrefix);
        if (ofPrefix > 0)
        {
            await WriteAsync(prefix.Slice(fromPrefix, ofPrefix));
        }

        if (!await stretch.ReadAsync(range.Start + ofPrefix - prefix.Length, range.Length - ofPrefix, WriteAsync))
        {
            context.Abort(); // So slow that the rest has left the log: nothing is kept for it.
        }

        async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
            channel.Meter.SentBytes(bytes.Length);
        }
    }

    /// <summary>Caches that others share may keep what anyone may have, and what only a URL with the token names. A cookie or a key is not in the URL.</summary>
    private static string CachesOf(HttpContext context, Channel channel) =>
        channel.Definition.IsPublic
        || (context.Features.Get<IChannelPass>()?.Token is { } token && Credentials.Query(context.Request, "token").SequenceEqual(token))
            ? "public"
            : "private";

    /// <summary>Numbers of segments and init segments count from the track's first.</summary>
    private static bool TryNumber(string file, string suffix, FeedNumbers first, out long number)
    {
        number = 0;
        if (!file.EndsWith(suffix, StringComparison.Ordinal) || file[0] == '0'
            || !long.TryParse(file.AsSpan(0, file.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return false;
        }

        number -= first.Segment;
        return number >= 0;
    }
}
