namespace Sluice.Server.Ingest.Tus;

/// <summary><c>Upload-Concat</c>: a part of a larger upload, or the whole that is made of parts.</summary>
/// <param name="IsPartial">It is a part: never a title by itself.</param>
/// <param name="Parts">Of the whole: the ids of its parts, in order; empty for a part.</param>
internal sealed record UploadConcat(bool IsPartial, IReadOnlyList<string> Parts)
{
    /// <summary>Parallel clients make a handful.</summary>
    private const int MostParts = 1000;

    /// <summary>Reads a header; null when it is malformed. Parts are named by absolute or relative URLs of this server's uploads.</summary>
    /// <param name="header">The header.</param>
    /// <param name="uploads">Path under which uploads are, ending in a slash.</param>
    public static UploadConcat? TryRead(string header, string uploads)
    {
        if (header == "partial")
        {
            return new UploadConcat(true, []);
        }

        if (!header.StartsWith("final;", StringComparison.Ordinal))
        {
            return null;
        }

        var ids = new List<string>();
        foreach (var url in header["final;".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Uri.TryCreate(url, UriKind.Absolute, out var absolute) && (absolute.Scheme is "http" or "https") ? absolute.AbsolutePath : url;
            if (!path.StartsWith(uploads, StringComparison.Ordinal) || path.Length == uploads.Length || ids.Count == MostParts)
            {
                return null;
            }

            ids.Add(path[uploads.Length..]);
        }

        return ids.Count == 0 ? null : new UploadConcat(false, ids);
    }
}
