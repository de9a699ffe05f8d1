using System.Buffers.Text;
using System.Text;

namespace Sluice.Server.Ingest;

/// <summary>
/// <c>Upload-Metadata</c> of tus: pairs of a key and a value in Base64, with commas between. Keys are ASCII without blanks and
/// commas, and occur once; a value may be missing. Uploads in chunks keep what was said of them in the same form.
/// </summary>
internal sealed class UploadMetadata
{
    /// <summary>Longest header in characters; a title and a file name take far less.</summary>
    public const int Longest = 8192;

    private const int MostPairs = 32;

    private readonly Dictionary<string, string> _values;

    private UploadMetadata(Dictionary<string, string> values) => _values = values;

    /// <summary>No pairs.</summary>
    public static UploadMetadata None { get; } = new([]);

    /// <summary>The value of a key as text; null when it is not there.</summary>
    public string? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>The header for these pairs; those without a value are left out.</summary>
    public static string Write(params (string Key, string? Value)[] pairs) => string.Join(
        ',', pairs.Where(p => p.Value is not null).Select(p => $"{p.Key} {Convert.ToBase64String(Encoding.UTF8.GetBytes(p.Value!))}"));

    /// <summary>Reads a header; null when it is not as it has to be.</summary>
    public static UploadMetadata? TryRead(string? header)
    {
        if (string.IsNullOrWhiteSpace(header))
        {
            return None;
        }

        if (header.Length > Longest)
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in header.Split(','))
        {
            var parts = pair.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length is 0 or > 2 || !IsKey(parts[0]) || values.Count == MostPairs
                || !TryText(parts.ElementAtOrDefault(1) ?? "", out var text) || !values.TryAdd(parts[0], text))
            {
                return null;
            }
        }

        return new UploadMetadata(values);
    }

    private static bool IsKey(string key) => key.All(static c => c is > ' ' and <= '~' and not ',');

    private static bool TryText(string base64, out string text)
    {
        text = "";
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (!Convert.TryFromBase64String(base64, bytes, out var length))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(bytes, 0, length); // What is no UTF-8 becomes replacement characters, which no title keeps.
        return true;
    }
}
