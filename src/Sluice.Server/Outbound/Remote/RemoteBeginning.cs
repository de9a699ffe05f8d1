namespace Sluice.Server.Outbound.Remote;

/// <summary>The beginning of a file on another server, by which one tells what it is and how it can be read.</summary>
/// <param name="Head">Its first bytes: a block of them where it is given in parts, else enough to know it by.</param>
/// <param name="MediaType">As the other server says; empty when it does not.</param>
/// <param name="Url">Where the redirects led to.</param>
/// <param name="Facts">What is known of it; null when it cannot be read in parts.</param>
internal sealed record RemoteBeginning(byte[] Head, string MediaType, OutboundUrl Url, RemoteFileFacts? Facts)
{
    /// <summary>Bytes of a file that is not given in parts: it may have no end, and may come slowly.</summary>
    private const int HeadBytes = 4096;

    /// <summary>What is said of a file that is not given in parts.</summary>
    public const string NoParts =
        "The other server gives no parts of the file (it takes no Range), so it cannot be played while it stays there; import it instead.";

    /// <summary>Asks for it.</summary>
    /// <exception cref="RemoteFileException">There is no such file, or nothing of use came.</exception>
    public static async Task<RemoteBeginning> AskAsync(OutboundFetcher fetcher, OutboundUrl url, OutboundLimits limits, CancellationToken ct)
    {
        try
        {
            var request = new OutboundRequest(url) { FromByte = 0, ToByte = RemoteFile.BlockBytes - 1, Limits = limits };
            await using var response = await fetcher.SendAsync(request, ct);
            var facts = RemoteAnswer.FactsOf(response);
            var head = new byte[facts is null ? HeadBytes : (int)Math.Min(RemoteFile.BlockBytes, facts.Length)];
            var count = await response.Body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct);
            return facts is null || count == head.Length
                ? new RemoteBeginning(head[..count], response.MediaType, response.Url, facts)
                : throw new RemoteFileException("The other server ends its answers early.") { MayPass = true };
        }
        catch (OutboundException e)
        {
            throw RemoteFileException.Of(e);
        }
    }
}
