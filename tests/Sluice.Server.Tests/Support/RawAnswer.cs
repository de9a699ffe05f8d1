using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Server.Tests.Support;

/// <summary>Reads an answer from a socket: all of it, in however many pieces it comes.</summary>
internal static partial class RawAnswer
{
    /// <summary>The answer, up to its end or that of the connection.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="hasBody">False after HEAD.</param>
    public static async Task<string> ReadAsync(Stream stream, bool hasBody = true)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var buffer = new byte[64 * 1024];
        var length = 0;
        try
        {
            while (!IsWhole(Encoding.Latin1.GetString(buffer, 0, length), hasBody)
                && await stream.ReadAsync(buffer.AsMemory(length), patience.Token) is > 0 and var count)
            {
                length += count;
            }
        }
        catch (IOException) when (length > 0)
        {
            // Whoever sends what nobody wants to read is answered, and then the connection is reset.
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static bool IsWhole(string answer, bool hasBody)
    {
        if (answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end && end < 0)
        {
            return false;
        }

        var (head, bodyLength) = (answer[..end], answer.Length - end - 4);
        return ContentLength().Match(head) is { Success: true } said ? !hasBody || bodyLength >= int.Parse(said.Groups["bytes"].Value, null)
            : !hasBody || !head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase) || answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^Content-Length: (?<bytes>\d+)\r?$", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ContentLength();
}
