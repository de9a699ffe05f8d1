using System.Net;
using System.Text;

namespace Sluice.Bench.Live;

/// <summary>What goes wrong with origins: each kind happens once in a capture, and those that would not pass by asking again do not.</summary>
internal static class ForcedFaults
{
    private const int HoleBytes = 4096;

    private static readonly (string Name, Action<LiveOrigin> Force)[] All =
    [
        ("a segment is missing (404), however often it is asked for", static o => Always(o, 1, Status(404))),
        ("a segment fails at first (500)", static o => Once(o, Status(500))),
        ("a segment is cut off before its Content-Length, and given in full when asked again", static o => Once(o, static (context, segment) =>
        {
            context.Response.ContentLength64 = segment.Length;
            return CutAsync(context, segment.AsMemory(0, segment.Length / 2));
        })),
        ("a segment ends without its last chunk, each time at the same place", static o => Always(o, 1, static (context, segment) =>
        {
            context.Response.SendChunked = true;
            return CutAsync(context, segment.AsMemory(0, segment.Length * 2 / 3));
        })),
        ("a segment comes seven seconds late", static o => Once(o, static async (context, segment) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(7));
            await SendAsync(context, segment);
        })),
        ("a segment ends in the middle of a packet without a word: the file was published half written", static o =>
            Always(o, 1, static (context, segment) => SendAsync(context, segment[..((segment.Length / 2) + 77)]))),
        ("two segments are refused (403)", static o => Always(o, 2, Status(403))),
        ("a segment ends behind a packet without a word", static o =>
            Always(o, 1, static (context, segment) => SendAsync(context, segment[..(segment.Length * 3 / 5 / 188 * 188)]))),
        ("the origin begins anew with lower numbers", static o => o.FirstNumber -= 500),
        ("a segment has a hole of 4096 zeros", static o => Always(o, 1, static (context, segment) =>
        {
            byte[] holed = [.. segment];
            holed.AsSpan(segment.Length / 3 / HoleBytes * HoleBytes, HoleBytes).Clear();
            return SendAsync(context, holed);
        })),
        ("the origin jumps ahead", static o => o.FirstNumber += 40),
        ("1000 bytes are missing in the middle of a segment: the step is lost", static o => Always(o, 1, static (context, segment) =>
            SendAsync(context, [.. segment.AsSpan(0, segment.Length / 2), .. segment.AsSpan((segment.Length / 2) + 1000)]))),
        ("a segment is empty at first", static o => Once(o, static (context, _) => SendAsync(context, []))),
        ("a segment is rubbish at its end", static o => Always(o, 1, static (context, segment) =>
        {
            var rubbish = new byte[5000];
            new Random(1).NextBytes(rubbish);
            return SendAsync(context, [.. segment, .. rubbish]);
        })),
        ("a page in HTML comes instead of a segment, with status 200", static o => Always(o, 1, static (context, _) =>
            SendAsync(context, Encoding.UTF8.GetBytes($"<!DOCTYPE html><title>Sorry</title>{new string(' ', 3000)}<p>Back soon.")))),
    ];

    /// <summary>In words, in the order in which they come.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static f => f.Name)];

    /// <summary>Makes one of them happen now.</summary>
    public static void Force(LiveOrigin origin, int which) => All[which].Force(origin);

    private static void Once(LiveOrigin origin, Fault fault) => origin.Faults[origin.Now + 1] = fault;

    private static void Always(LiveOrigin origin, int segments, Fault fault)
    {
        var first = origin.Now + 1;
        for (var number = first; number < first + segments; number++)
        {
            Again(number);
        }

        void Again(long number) => origin.Faults[number] = async (context, segment) =>
        {
            Again(number);
            await fault(context, segment);
        };
    }

    private static Fault Status(int status) => (context, _) =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private static async Task CutAsync(HttpListenerContext context, ReadOnlyMemory<byte> bytes)
    {
        await context.Response.OutputStream.WriteAsync(bytes);
        await context.Response.OutputStream.FlushAsync();
        context.Response.Abort();
    }

    /// <summary>As if it were all.</summary>
    private static async Task SendAsync(HttpListenerContext context, byte[] bytes)
    {
        context.Response.ContentLength64 = bytes.Length;
        await context.Response.OutputStream.WriteAsync(bytes);
    }
}
