using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>What an import brings of which torrent, as its row has it: <c>2 magnet:?…</c> is the file of that number, <c>- magnet:?…</c> the one that is meant
/// when nobody chooses.</summary>
/// <param name="Link">The torrent, with its trackers, but without what is in it.</param>
/// <param name="File">Number of the file; null when nobody chose.</param>
internal sealed record TorrentImportSource(TorrentLink Link, int? File)
{
    private const string Unchosen = "-";

    /// <summary>Whether both bring the same file, as far as that is known before peers have told what is in the torrent.</summary>
    public bool IsSameAs(TorrentImportSource other) => Link.Hash.IsThatOf(other.Link.Hash) && File == other.File;

    /// <summary>Reads the text of a row.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TorrentImportSource? source)
    {
        source = null;
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0 || !MagnetLink.TryParse(text[(space + 1)..], out var link))
        {
            return false;
        }

        if (text[..space] == Unchosen)
        {
            source = new TorrentImportSource(link, null);
        }
        else if (int.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var file))
        {
            source = new TorrentImportSource(link, file);
        }

        return source is not null;
    }

    /// <summary>The text of a row.</summary>
    public override string ToString() => $"{File?.ToString(CultureInfo.InvariantCulture) ?? Unchosen} {MagnetLink.Of(Link)}";
}
