using System.Text.Json.Serialization;

namespace Sluice.Server.Torrents.Engine;

/// <summary>What the sidecar (<c>torrents.py</c>) is told; a line of JSON each.</summary>
/// <param name="Op">Name of the command.</param>
internal sealed record SidecarCommand(string Op)
{
    /// <summary>Number of a question, which its answer carries.</summary>
    public long? Id { get; init; }

    /// <summary>Key of the torrent that it is about.</summary>
    public string? Torrent { get; init; }

    /// <summary>Place in the bytes of all pieces.</summary>
    public long? Position { get; init; }

    /// <summary>Bytes from there on.</summary>
    public long? Length { get; init; }

    /// <summary>Where the file ends in which that lies: as far is looked ahead.</summary>
    public long? Until { get; init; }

    /// <summary>Folder of the torrent.</summary>
    public string? Folder { get; init; }

    /// <summary>Who is asked for peers.</summary>
    public IReadOnlyList<string>? Trackers { get; init; }

    /// <summary>Hash of version 1.</summary>
    public string? V1 { get; init; }

    /// <summary>Hash of version 2.</summary>
    public string? V2 { get; init; }

    /// <summary>Info dictionary.</summary>
    public byte[]? Info { get; init; }

    /// <summary>Piece layers.</summary>
    public byte[]? Layers { get; init; }

    /// <summary>Looks for the metadata of a torrent.</summary>
    public static SidecarCommand Metadata(string torrent, TorrentLink link, string folder) => new("metadata")
    {
        Torrent = torrent,
        V1 = link.Hash.V1 ?? "",
        V2 = link.Hash.V2 ?? "",
        Trackers = link.Trackers,
        Folder = folder,
    };

    /// <summary>Opens a torrent for reading.</summary>
    public static SidecarCommand Open(string torrent, TorrentLink link, byte[] info, string folder) => new("open")
    {
        Torrent = torrent,
        Info = info,
        Layers = link.PieceLayers ?? [],
        Trackers = link.Trackers,
        Folder = folder,
    };

    /// <summary>Asks for bytes of one piece; fewer come when it ends before.</summary>
    public static SidecarCommand Read(string torrent, long position, long length, long until) =>
        new("read") { Torrent = torrent, Position = position, Length = length, Until = until };

    /// <summary>Has all of a span downloaded; answered when it is here.</summary>
    public static SidecarCommand Keep(string torrent, long position, long length) =>
        new("keep") { Torrent = torrent, Position = position, Length = length };

    /// <summary>Has it tell how many bytes of a span are here; none before that, or those of the span that a torrent was opened with.</summary>
    public static SidecarCommand Follow(string torrent, long position, long length) =>
        new("follow") { Torrent = torrent, Position = position, Length = length };

    /// <summary>Nobody waits for that answer any more.</summary>
    public static SidecarCommand Cancel(string torrent, long id) => new("cancel") { Torrent = torrent, Id = id };

    /// <summary>Forgets a torrent and deletes its files.</summary>
    public static SidecarCommand Remove(string torrent) => new("remove") { Torrent = torrent };
}

/// <summary>The first command: whom the sidecar may speak to, and within which limits.</summary>
/// <param name="Listen">Addresses and ports, as libtorrent's <c>listen_interfaces</c> has them.</param>
/// <param name="TakesConnections">Whether peers may connect there; else it only makes connections.</param>
/// <param name="Filter">Whom it may speak to; where ranges overlap the later one holds.</param>
/// <param name="MostPeers">Connections to peers at the same time.</param>
/// <param name="UploadRate">Bytes per second that it gives others; 0 is as many as it can.</param>
/// <param name="Dht">Whether it takes part in the distributed hash table.</param>
internal sealed record SidecarSettings(
    string Listen, bool TakesConnections, IReadOnlyList<AddressRange> Filter, int MostPeers, long UploadRate, bool Dht)
{
    /// <summary>Name of the command.</summary>
    public string Op { get; init; } = "configure";
}

/// <summary>What the sidecar says: the JSON of a frame.</summary>
/// <param name="Event"><c>ready</c>, <c>metadata</c>, <c>data</c>, <c>refused</c>, <c>failed</c>, <c>status</c> or <c>alive</c>.</param>
/// <param name="Id">Number of the question that this answers.</param>
/// <param name="Torrent">Key of the torrent that it is about.</param>
/// <param name="Reason">Why not.</param>
/// <param name="State">As <see cref="TorrentState"/>, in lower case.</param>
/// <param name="Bytes">Bytes of whole pieces.</param>
/// <param name="Followed">Those of them that are of the span that is followed.</param>
/// <param name="Peers">Peers connected.</param>
/// <param name="Seeds">Those that have all.</param>
/// <param name="Down">Bytes per second.</param>
/// <param name="Up">Bytes per second.</param>
/// <param name="Downloaded">Bytes of content.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Version">Of libtorrent.</param>
internal sealed record SidecarEvent(
    string Event, long? Id = null, string? Torrent = null, string? Reason = null, string? State = null, long Bytes = 0, long Followed = 0,
    int Peers = 0, int Seeds = 0, long Down = 0, long Up = 0, long Downloaded = 0, string? Problem = null, string? Version = null)
{
    /// <summary>The numbers of a <c>status</c>.</summary>
    public TorrentStatus Status() => new(
        State switch
        {
            "ready" => TorrentState.Ready,
            "checking" => TorrentState.Checking,
            _ => TorrentState.Metadata,
        },
        Bytes, Followed, Peers, Seeds, Down, Up, Downloaded, Problem);
}

/// <summary>Both ways of the pipe.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SidecarCommand))]
[JsonSerializable(typeof(SidecarSettings))]
[JsonSerializable(typeof(SidecarEvent))]
internal sealed partial class SidecarJson : JsonSerializerContext;
