namespace Sluice.Server.Publishing;

/// <summary>Where a target is, as people write it: a folder, <c>s3://bucket/prefix</c> or <c>pipekv://host</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Place">The folder, the bucket, or the host with its port.</param>
/// <param name="Prefix">What comes before all names in a bucket: empty or ending in a slash.</param>
internal sealed record TargetAddress(TargetKind Kind, string Place, string Prefix = "")
{
    /// <summary>What addresses may be, for people.</summary>
    public const string Rule = "a folder, s3://bucket/prefix or pipekv://host";

    private const string BucketScheme = "s3://";
    private const string KeyValueScheme = "pipekv://";

    /// <summary>Reads an address; null when it is none.</summary>
    public static TargetAddress? TryParse(string text)
    {
        if (text.StartsWith(BucketScheme, StringComparison.Ordinal))
        {
            var parts = text[BucketScheme.Length..].Split('/', 2);
            var prefix = parts.Length > 1 ? parts[1].Trim('/') : "";
            return IsPlain(parts[0]) && !prefix.Split('/').Contains("..") && !prefix.Any(char.IsControl)
                ? new TargetAddress(TargetKind.Bucket, parts[0], prefix.Length > 0 ? prefix + "/" : "")
                : null;
        }

        if (text.StartsWith(KeyValueScheme, StringComparison.Ordinal))
        {
            var authority = text[KeyValueScheme.Length..].TrimEnd('/');
            return Uri.TryCreate("https://" + authority, UriKind.Absolute, out var url) && url.PathAndQuery == "/" && url.UserInfo.Length == 0
                && url.Fragment.Length == 0 && authority.Length > 0
                ? new TargetAddress(TargetKind.KeyValue, url.Authority)
                : null;
        }

        return text.Length > 0 && !text.Contains("://", StringComparison.Ordinal) && !text.Contains('\0', StringComparison.Ordinal)
            ? new TargetAddress(TargetKind.Folder, text)
            : null;
    }

    /// <summary>Letters, digits, dots and hyphens, as names of buckets have.</summary>
    private static bool IsPlain(string bucket) =>
        bucket.Length is >= 3 and <= 63 && bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-');
}

/// <summary>Kinds of targets.</summary>
internal enum TargetKind
{
    /// <summary>A folder on this machine.</summary>
    Folder,

    /// <summary>A bucket of an S3-compatible store.</summary>
    Bucket,

    /// <summary>A node of a Pipe KV.</summary>
    KeyValue,
}
