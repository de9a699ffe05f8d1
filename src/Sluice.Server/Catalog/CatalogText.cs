using System.Text;

namespace Sluice.Server.Catalog;

/// <summary>Text that every database can hold.</summary>
internal static class CatalogText
{
    /// <summary>
    /// The text, with U+FFFD for what is none: NUL, which PostgreSQL has no place for (its manual, section 8.3), and halves of characters.
    /// Clients send such things, and so do logs of programs that read broken files.
    /// </summary>
    public static string Of(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') || text.Contains('\0', StringComparison.Ordinal)
        ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD')
        : text;
}
