using System.Net.Http.Headers;

namespace Sluice.Server.Transcode.Far;

/// <summary>A request for a relayed source.</summary>
/// <param name="IsHead">Its size alone.</param>
/// <param name="From">First byte; null asks for the whole.</param>
/// <param name="To">Last byte, inclusive; null is the end.</param>
internal sealed record RelayRequest(bool IsHead, long? From, long? To)
{
    private const string Range = "Range:";

    /// <summary>Reads a head; null when it is none that is answered: ffmpeg asks for one range at a time, and from a place on.</summary>
    public static RelayRequest? TryParse(string head)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [("GET" or "HEAD") and var method, _, "HTTP/1.1" or "HTTP/1.0"])
        {
            return null;
        }

        var wanted = lines.FirstOrDefault(line => line.StartsWith(Range, StringComparison.OrdinalIgnoreCase))?[Range.Length..].Trim();
        if (wanted is null)
        {
            return new RelayRequest(method == "HEAD", null, null);
        }

        return RangeHeaderValue.TryParse(wanted, out var ranges)
            && ranges is { Unit: "bytes", Ranges: { Count: 1 } one } && one.First() is { From: { } from } range
            ? new RelayRequest(method == "HEAD", from, range.To)
            : null;
    }
}
