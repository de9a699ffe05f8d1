using System.Globalization;

namespace Sluice.Server.Catalog;

/// <summary>Bytes of an upload that are kept where all servers reach them.</summary>
/// <param name="Offset">Where in the upload they begin.</param>
/// <param name="Length">How many they are; more than none.</param>
/// <param name="Name">What tells them from others that begin there: hexadecimal digits.</param>
internal readonly record struct UploadPiece(long Offset, long Length, string Name)
{
    /// <summary>Behind the last byte.</summary>
    public long End => Offset + Length;

    /// <summary>Pieces in one text. They lie end to end from the first byte on, so where each begins is not said.</summary>
    public static string Write(IReadOnlyList<UploadPiece> pieces) =>
        string.Join(',', pieces.Select(piece => string.Create(CultureInfo.InvariantCulture, $"{piece.Length}:{piece.Name}")));

    /// <summary>The pieces of such a text.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static IReadOnlyList<UploadPiece> Read(string text)
    {
        var pieces = new List<UploadPiece>();
        var offset = 0L;
        foreach (var one in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = one.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !long.TryParse(one.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            {
                throw new FormatException("An upload lists its pieces in a way that is not known.");
            }

            pieces.Add(new UploadPiece(offset, length, one[(colon + 1)..]));
            offset += length;
        }

        return pieces;
    }
}
