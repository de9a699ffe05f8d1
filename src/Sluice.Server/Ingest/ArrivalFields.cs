using Sluice.Server.Catalog;

namespace Sluice.Server.Ingest;

/// <summary>What the metadata of an upload in pieces says of the title to come; the same fields that a form has.</summary>
/// <param name="FileName">Name of the file, cleaned.</param>
/// <param name="Title">Title, or null.</param>
/// <param name="Minutes">Minutes of life, or null for ever.</param>
/// <param name="Burn">Subtitles to be drawn into the picture, or null.</param>
/// <param name="Sha256">What the whole file has to be, in lower-case hex, or null.</param>
internal sealed record ArrivalFields(string FileName, string? Title, int? Minutes, string? Burn, string? Sha256)
{
    private const int HexDigits = 64;
    private const string Sha256Rule = "`sha256` is the hash of the whole file: 64 hexadecimal digits.";

    /// <summary>Of an upload that says nothing of itself.</summary>
    public static ArrivalFields None { get; } = new(UploadFields.FileName(null), null, null, null, null);

    /// <summary>Those of an upload whose metadata was read before.</summary>
    public static ArrivalFields Of(Upload upload) => Read(UploadMetadata.TryRead(upload.Metadata) ?? UploadMetadata.None, out _) ?? None;

    /// <summary>Reads them; null when one of them is not as it has to be, which <paramref name="rule"/> then says.</summary>
    public static ArrivalFields? Read(UploadMetadata metadata, out string? rule)
    {
        rule = null;
        if (!UploadFields.TryTitle(metadata["title"], out var title))
        {
            rule = UploadFields.TitleRule;
            return null;
        }

        if (!UploadFields.TryMinutes(metadata["expiresInMinutes"], out var minutes))
        {
            rule = UploadFields.MinutesRule;
            return null;
        }

        if (!UploadFields.TryBurn(metadata["burnSubtitles"], out var burn))
        {
            rule = UploadFields.BurnRule;
            return null;
        }

        var sha256 = metadata["sha256"] is { Length: > 0 } hex ? hex.ToLowerInvariant() : null;
        if (sha256 is not null && (sha256.Length != HexDigits || !sha256.All(char.IsAsciiHexDigitLower)))
        {
            rule = Sha256Rule;
            return null;
        }

        return new ArrivalFields(UploadFields.FileName(metadata["filename"] ?? metadata["name"]), title, minutes, burn, sha256);
    }
}
