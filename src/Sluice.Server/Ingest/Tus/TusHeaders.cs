using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Sluice.Server.Ingest.Tus;

/// <summary>Headers of tus 1.0.0 (tus.io/protocols/resumable-upload), read strictly: what is not exactly a number is none.</summary>
internal static class TusHeaders
{
    /// <summary>The version of the protocol, and its only one.</summary>
    public const string Version = "1.0.0";

    /// <summary>Extensions that this server has.</summary>
    public const string Extensions = "creation,creation-with-upload,expiration,checksum,termination,concatenation";

    /// <summary>Type of the body of PATCH and of a creation with upload.</summary>
    public const string BodyType = "application/offset+octet-stream";

    public const string Resumable = "Tus-Resumable";

    public const string Length = "Upload-Length";

    public const string Offset = "Upload-Offset";

    public const string Metadata = "Upload-Metadata";

    public const string Checksum = "Upload-Checksum";

    public const string Concat = "Upload-Concat";

    public const string Expires = "Upload-Expires";

    public const string MethodOverride = "X-HTTP-Method-Override";

    /// <summary>Of ours: the title that an upload became, or is becoming.</summary>
    public const string MediaId = "Sluice-Media-Id";

    /// <summary>Of ours: when what comes can be played: <c>now</c>, <c>at-end</c> or <c>unknown</c>.</summary>
    public const string Plays = "Sluice-Plays";

    /// <summary>Of ours: that title's admin key, in the answer to the last byte and only there.</summary>
    public const string AdminKey = "Sluice-Admin-Key";

    /// <summary>A number of bytes: digits alone, no sign, no blank, at most what a file can have.</summary>
    /// <param name="values">The header as it came.</param>
    /// <param name="bytes">The number.</param>
    /// <returns>False when the header is missing, came more than once, or is no such number.</returns>
    public static bool TryBytes(StringValues values, out long bytes)
    {
        bytes = 0;
        return values is [{ Length: > 0 } text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bytes);
    }

    /// <summary>Whether a body is of the one type that appends; parameters after a semicolon make no difference.</summary>
    public static bool IsBody(string? contentType) =>
        contentType is not null && contentType.Split(';')[0].Trim().Equals(BodyType, StringComparison.OrdinalIgnoreCase);
}
