using System.Globalization;
using System.Text;

namespace Sluice.Server.Torrents;

/// <summary>
/// Reads an info dictionary (BEP 3, BEP 52) and refuses what no honest torrent of a video has. All pieces together are one run of bytes:
/// <code>
/// version 1, hybrid   file, file, file …               one behind the other, fillers listed as files (BEP 47)
/// version 2           file, up to the next piece, file …   each begins with a piece
/// </code>
/// </summary>
internal sealed class ContentsReader
{
    /// <summary>Largest piece that is taken, in bytes: a piece is held whole.</summary>
    public const int MostPieceBytes = 64 << 20;

    private const int MostPieces = 1 << 21;
    private const int MostDepth = 32;
    private const int BytesOfHash = 20;

    /// <summary>Four times what a file system takes. Each file's path is put together from its parts: without a bound, a few long ones make
    /// it a day's work.</summary>
    private const int LongestPart = 1024;

    /// <summary>More than any disk has, and far from what a sum of them could not hold.</summary>
    private const long MostBytes = 1L << 50;

    private readonly int _mostFiles;
    private readonly List<TorrentFile> _files = [];
    private string? _problem;
    private long _position;
    private long _listed;
    private int _pieceBytes;
    private long _pieces;
    private bool _isBroken;

    private ContentsReader(int mostFiles) => _mostFiles = mostFiles;

    /// <summary>Reads it.</summary>
    /// <param name="info">The dictionary, as it stands.</param>
    /// <param name="mostFiles">More of them are refused.</param>
    public static ContentsAnswer Read(ReadOnlySpan<byte> info, int mostFiles)
    {
        var reader = new ContentsReader(mostFiles);
        var contents = reader.ReadAll(info);
        return new ContentsAnswer(contents, contents is null ? reader._problem ?? "The torrent's description is damaged." : null);
    }

    private TorrentContents? ReadAll(ReadOnlySpan<byte> info)
    {
        ReadOnlySpan<byte> files = [], tree = [], name = [], utf8Name = [];
        long? length = null;
        var (hasPieces, isLink) = (false, false);
        var reader = new BencodeReader(info);
        reader.EnterDictionary();
        while (reader.HasMore())
        {
            switch (Encoding.ASCII.GetString(Short(reader.ReadText())))
            {
                case "name":
                    name = reader.ReadText();
                    break;
                case "name.utf-8":
                    utf8Name = reader.ReadText();
                    break;
                case "piece length":
                    var size = reader.ReadInteger();
                    _pieceBytes = size is > 0 and <= MostPieceBytes ? (int)size : 0;
                    break;
                case "pieces":
                    (hasPieces, _pieces) = (true, reader.ReadText().Length / BytesOfHash);
                    break;
                case "length":
                    length = reader.ReadInteger();
                    break;
                case "attr":
                    isLink = reader.ReadText().Contains((byte)'l');
                    break;
                case "files":
                    files = reader.ReadRaw();
                    break;
                case "file tree":
                    tree = reader.ReadRaw();
                    break;
                default:
                    reader.ReadRaw();
                    break;
            }
        }

        if (!reader.IsAtEnd || _pieceBytes == 0)
        {
            return null;
        }

        if (TorrentNames.LeadsAstray(name) || isLink)
        {
            return Refuse(isLink ? Links : Astray);
        }

        var shown = TorrentNames.Shown(Encoding.UTF8.GetString(utf8Name.IsEmpty ? name : utf8Name)) ?? "torrent";
        if (hasPieces && length is { } only)
        {
            Add(shown, only, isFiller: false);
        }
        else if (hasPieces)
        {
            ReadList(files);
        }
        else
        {
            ReadTree(tree);
        }

        return Judge(shown, hasPieces);
    }

    private TorrentContents? Judge(string name, bool hasPieces)
    {
        var pieces = (_position + _pieceBytes - 1) / _pieceBytes;
        if (_problem is null && !_isBroken && _files.Count == 0)
        {
            return Refuse("The torrent holds no file.");
        }

        return _problem is null && !_isBroken && pieces <= MostPieces && (!hasPieces || pieces == _pieces)
            ? new TorrentContents(name, _pieceBytes, _position, _files)
            : null;
    }

    /// <summary>Files of version 1: <c>{length, path: [folder, name], attr: letters}</c>.</summary>
    private void ReadList(ReadOnlySpan<byte> list)
    {
        var reader = new BencodeReader(list);
        reader.EnterList();
        while (_problem is null && !_isBroken && reader.HasMore())
        {
            ReadOnlySpan<byte> path = [], utf8Path = [], kind = [];
            long length = -1;
            reader.EnterDictionary();
            while (reader.HasMore())
            {
                switch (Encoding.ASCII.GetString(Short(reader.ReadText())))
                {
                    case "length":
                        length = reader.ReadInteger();
                        break;
                    case "path":
                        path = reader.ReadRaw();
                        break;
                    case "path.utf-8":
                        utf8Path = reader.ReadRaw();
                        break;
                    case "attr":
                        kind = reader.ReadText();
                        break;
                    default:
                        reader.ReadRaw();
                        break;
                }
            }

            if (kind.Contains((byte)'l'))
            {
                Refuse(Links);
                return;
            }

            var isFiller = kind.Contains((byte)'p');
            var shown = PathIn(path);
            Add(isFiller ? "" : utf8Path.IsEmpty ? shown : PathIn(utf8Path), length, isFiller);
        }

        _isBroken |= _problem is null && !reader.IsAtEnd;
    }

    /// <summary>Files of version 2: folders are dictionaries, and so are files, with one entry of an empty name.</summary>
    private void ReadTree(ReadOnlySpan<byte> tree)
    {
        // Keys on the way to where the reader is; a dictionary that has ended takes its key away.
        var folders = new List<string>();
        var reader = new BencodeReader(tree);
        reader.EnterDictionary();
        while (_problem is null && !_isBroken)
        {
            if (!reader.HasMore())
            {
                if (reader.IsBroken || folders.Count == 0)
                {
                    break;
                }

                folders.RemoveAt(folders.Count - 1);
                continue;
            }

            var key = reader.ReadText();
            if (key.IsEmpty)
            {
                ReadLeaf(reader.ReadRaw(), string.Join('/', folders));
                continue;
            }

            folders.Add(Part(key));
            _isBroken |= folders.Count > MostDepth;
            reader.EnterDictionary();
        }

        _isBroken |= _problem is null && !reader.IsAtEnd;
    }

    private void ReadLeaf(ReadOnlySpan<byte> leaf, string path)
    {
        long length = -1;
        var isLink = false;
        var reader = new BencodeReader(leaf);
        reader.EnterDictionary();
        while (reader.HasMore())
        {
            var key = reader.ReadText();
            if (key.SequenceEqual("length"u8))
            {
                length = reader.ReadInteger();
            }
            else if (key.SequenceEqual("attr"u8))
            {
                isLink = reader.ReadText().Contains((byte)'l');
            }
            else
            {
                reader.ReadRaw();
            }
        }

        _isBroken |= !reader.IsAtEnd;
        if (isLink)
        {
            Refuse(Links);
            return;
        }

        _position = (_position + _pieceBytes - 1) / _pieceBytes * _pieceBytes;
        Add(path, length, isFiller: false);
    }

    private string PathIn(ReadOnlySpan<byte> list)
    {
        var parts = new List<string>();
        var reader = new BencodeReader(list);
        reader.EnterList();
        while (reader.HasMore())
        {
            parts.Add(Part(reader.ReadText()));
            _isBroken |= parts.Count > MostDepth;
        }

        _isBroken |= !reader.IsAtEnd;
        return string.Join('/', parts);
    }

    private string Part(ReadOnlySpan<byte> name)
    {
        if (TorrentNames.LeadsAstray(name))
        {
            Refuse(Astray);
        }

        if (name.Length > LongestPart)
        {
            _isBroken = true;
            return "";
        }

        return Encoding.UTF8.GetString(name);
    }

    private void Add(string path, long length, bool isFiller)
    {
        if (length < 0 || length > MostBytes - _position)
        {
            _isBroken = true;
            return;
        }

        // Fillers stand between files, so there is at most one for each.
        if (++_listed > 2L * _mostFiles || _files.Count >= _mostFiles)
        {
            Refuse(string.Create(CultureInfo.InvariantCulture, $"The torrent holds more than {_mostFiles} files (torrents.mostFiles)."));
            return;
        }

        if (!isFiller)
        {
            _files.Add(new TorrentFile(_files.Count, TorrentNames.Shown(path) ?? "file", _position, length));
        }

        _position += length;
    }

    private const string Astray = "The torrent has names that lead out of its folder; it is not taken.";
    private const string Links = "The torrent holds symbolic links; it is not taken.";

    private TorrentContents? Refuse(string problem)
    {
        _problem ??= problem;
        return null;
    }

    /// <summary>A key, or nothing when it is longer than any that is known.</summary>
    private static ReadOnlySpan<byte> Short(ReadOnlySpan<byte> key) => key.Length <= 16 ? key : [];
}
