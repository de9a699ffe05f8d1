using System.Globalization;
using System.Text.Json.Serialization;

namespace Sluice.Server.Compat;

/// <summary>Answer to an upload.</summary>
internal sealed record PyHlsUploaded(
    string MediaId, string AccessToken, string AdminKey, string PlaylistUrl, int ExpiresInMinutes, string Message);

/// <summary>Answer to <c>refresh-token</c>.</summary>
internal sealed record PyHlsRefreshed(
    string MediaId, string AccessToken, string PlaylistUrl, int ExpiresInMinutes, string Message);

/// <summary>Answer to <c>info</c>; times as Python's <c>datetime.isoformat</c> writes them.</summary>
internal sealed record PyHlsInfo(
    string MediaId, string UploadTime, int? ExpiryMinutes, string? LastTokenRefresh, string CreatedAt, string UpdatedAt)
{
    /// <summary>UTC without a zone, six decimals.</summary>
    public static string IsoFormat(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
}

/// <summary>Answer to <c>extend-expiry</c>.</summary>
internal sealed record PyHlsExtended(
    string MediaId, int PreviousExpiryMinutes, int NewExpiryMinutes, int ExtendedByMinutes, string Message);

/// <summary>Answer to a removal.</summary>
internal sealed record PyHlsMessage(string Message);

/// <summary>FastAPI's answer to parameters that are missing or out of bounds (status 422).</summary>
internal sealed record PyHlsInvalid(PyHlsInvalidPart[] Detail);

/// <summary>One wrong parameter: where, in words, and as a name.</summary>
internal sealed record PyHlsInvalidPart(string Type, string[] Loc, string Msg, string? Input);

/// <summary>JSON of these bodies.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PyHlsUploaded))]
[JsonSerializable(typeof(PyHlsRefreshed))]
[JsonSerializable(typeof(PyHlsInfo))]
[JsonSerializable(typeof(PyHlsExtended))]
[JsonSerializable(typeof(PyHlsMessage))]
[JsonSerializable(typeof(PyHlsInvalid))]
internal sealed partial class PyHlsJson : JsonSerializerContext;
