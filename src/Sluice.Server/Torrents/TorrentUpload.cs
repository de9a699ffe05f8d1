using System.Text;

namespace Sluice.Server.Torrents;

/// <summary>
/// The contents of a .torrent file (BEP 3). Taken are the info dictionary, the trackers and the piece layers of version 2; all the rest of it
/// (web seeds, DHT nodes, comments) is left out.
/// </summary>
internal static class TorrentUpload
{
    /// <summary>Largest file that is taken, in bytes: enough for a million pieces' hashes.</summary>
    public const int MostBytes = 24 << 20;

    /// <summary>Reads it; null when it is none.</summary>
    public static TorrentLink? TryParse(ReadOnlySpan<byte> bytes)
    {
        var file = new BencodeReader(bytes.Length <= MostBytes ? bytes : []);
        ReadOnlySpan<byte> info = [], layers = [];
        List<string> trackers = [];
        file.EnterDictionary();
        while (file.HasMore())
        {
            switch (file.ReadText())
            {
                case var key when key.SequenceEqual("info"u8):
                    info = file.ReadRaw();
                    break;
                case var key when key.SequenceEqual("piece layers"u8):
                    layers = file.ReadRaw();
                    break;
                case var key when key.SequenceEqual("announce"u8):
                    TrackerUrl.AddTo(trackers, Encoding.UTF8.GetString(file.ReadText()));
                    break;
                case var key when key.SequenceEqual("announce-list"u8):
                    AddTiers(ref file, trackers);
                    break;
                default:
                    file.ReadRaw();
                    break;
            }
        }

        if (!file.IsAtEnd || info is not [(byte)'d', ..])
        {
            return null;
        }

        var hash = InfoHash.Of(info);
        var (v1, v2) = VersionsOf(info);
        return v1 || v2
            ? new TorrentLink(
                new InfoHash(v1 ? hash.V1 : null, v2 ? hash.V2 : null), null, trackers, info.ToArray(), layers.IsEmpty ? null : layers.ToArray())
            : null;
    }

    /// <summary>A list of lists of addresses, BEP 12.</summary>
    private static void AddTiers(ref BencodeReader file, List<string> trackers)
    {
        file.EnterList();
        while (file.HasMore())
        {
            file.EnterList();
            while (file.HasMore())
            {
                TrackerUrl.AddTo(trackers, Encoding.UTF8.GetString(file.ReadText()));
            }
        }
    }

    private static (bool V1, bool V2) VersionsOf(ReadOnlySpan<byte> info)
    {
        var (v1, v2) = (false, false);
        var reader = new BencodeReader(info);
        reader.EnterDictionary();
        while (reader.HasMore())
        {
            var key = reader.ReadText();
            v1 |= key.SequenceEqual("pieces"u8);
            v2 |= key.SequenceEqual("file tree"u8);
            reader.ReadRaw();
        }

        return (v1, v2);
    }
}
