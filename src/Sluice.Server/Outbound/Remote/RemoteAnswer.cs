using System.Net;

namespace Sluice.Server.Outbound.Remote;

/// <summary>What an answer to a request for a part of a file is worth.</summary>
internal static class RemoteAnswer
{
    /// <summary>Reads the first answer, which is to be the beginning of the file.</summary>
    /// <returns>What is known of the file; null when it is not given in parts.</returns>
    /// <exception cref="RemoteFileException">It is no answer of use.</exception>
    public static RemoteFileFacts? FactsOf(OutboundResponse response)
    {
        RequireStatus(response, isFurther: false);
        RequireUnpacked(response);
        return response is { Status: (int)HttpStatusCode.PartialContent, FromByte: 0, WholeBytes: > 0 and var whole }
            ? new RemoteFileFacts(whole, response.Validator, response.Url, response.FileName)
            : null;
    }

    /// <summary>Makes sure that an answer is the part of the file that was asked for.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="facts">What is known of the file.</param>
    /// <param name="from">First byte that was asked for.</param>
    /// <exception cref="RemoteFileException">It is not.</exception>
    public static void Require(OutboundResponse response, RemoteFileFacts facts, long from)
    {
        RequireStatus(response, isFurther: true);
        RequireUnpacked(response);
        var isSame = response.Status == (int)HttpStatusCode.PartialContent
            && response.FromByte == from
            && (response.WholeBytes is null || response.WholeBytes == facts.Length)
            && (response.Validator is null || facts.Validator is null || response.Validator == facts.Validator);
        if (!isSame)
        {
            throw new RemoteFileException(RemoteFileException.Changed);
        }
    }

    /// <summary>A file that has become shorter answers with 416: it has changed, and is told so.</summary>
    private static void RequireStatus(OutboundResponse response, bool isFurther)
    {
        if (response.Status is not (200 or 206) && (!isFurther || response.Status != 416))
        {
            throw new RemoteFileException($"The other server answered with status {response.Status}.")
            {
                MayPass = response.Status is 401 or 403 or 404 or 408 or 410 or 425 or 429 or >= 500,
            };
        }
    }

    /// <summary>What is packed was not asked for packed, has no parts that mean anything, and may unpack to anything.</summary>
    private static void RequireUnpacked(OutboundResponse response)
    {
        if (response.Encoding is not ("" or "identity"))
        {
            throw new RemoteFileException($"The other server sends the file packed ({Shown(response.Encoding)}), although that was not asked for.");
        }
    }

    private static string Shown(string encoding) => new([.. encoding.Where(char.IsAsciiLetterOrDigit).Take(20)]);
}

/// <summary>What is known of a file on another server, and holds for as long as it is read.</summary>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Validator">What tells this state of it from others; null when the server gives nothing of the kind, and then its size has to do.</param>
/// <param name="Direct">Where the redirects led to.</param>
/// <param name="FileName">Name that the server gives it, or null.</param>
internal sealed record RemoteFileFacts(long Length, string? Validator, OutboundUrl Direct, string? FileName);
