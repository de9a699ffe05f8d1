using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Hosting;

/// <summary>
/// The whole configuration. Every key stands in <c>sluice.example.yml</c> with a comment (a test holds that). Read
/// from defaults, the YAML file, environment variables (<c>SLUICE__SERVER__PORT</c>) and command line, later ones winning.
/// </summary>
internal sealed class SluiceOptions
{
    /// <summary>What this process does of the whole: <c>api</c>, <c>worker</c>, <c>live</c>. Default all.</summary>
    public string[] Roles { get; set; } = NodeRoles.Names;

    /// <summary>Where the server listens.</summary>
    public ServerOptions Server { get; init; } = new();

    /// <summary>Where state lies.</summary>
    public StorageOptions Storage { get; init; } = new();

    /// <summary>How work is announced to other machines.</summary>
    public QueueOptions Queue { get; init; } = new();

    /// <summary>Section <c>cluster</c>.</summary>
    public ClusterOptions Cluster { get; init; } = new();

    /// <summary>What may come in.</summary>
    public IngestOptions Ingest { get; init; } = new();

    /// <summary>What may be asked of other servers.</summary>
    public OutboundOptions Outbound { get; init; } = new();

    /// <summary>Whether and how torrents are read.</summary>
    public TorrentOptions Torrents { get; init; } = new();

    /// <summary>How titles are cut.</summary>
    public PackageOptions Package { get; init; } = new();

    /// <summary>How titles are encoded that browsers cannot play as they are.</summary>
    public TranscodeOptions Transcode { get; init; } = new();

    /// <summary>Heights of encoded renditions. A source is never enlarged; its own height is always the first rung.</summary>
    public int[] Ladder { get; set; } = [2160, 1440, 1080, 720, 480, 360, 240];

    /// <summary>Where titles are published for other servers to serve them.</summary>
    public PublishOptions Publish { get; init; } = new();

    /// <summary>Who may do what, and for how long.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>How often one client may ask for what costs something.</summary>
    public RateLimitOptions RateLimits { get; init; } = new();

    /// <summary>What is learned of how playback goes.</summary>
    public QualityOptions Quality { get; init; } = new();

    /// <summary>When expired titles go.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>What holds for all channels together.</summary>
    public LiveOptions Live { get; init; } = new();

    /// <summary>Watching together.</summary>
    public RoomOptions Rooms { get; init; } = new();

    /// <summary>What is watched from where it lies.</summary>
    public SessionsOptions Sessions { get; init; } = new();

    /// <summary>The key-value store whose playlists and segments are passed on to players.</summary>
    public PipeKvOptions Pipekv { get; init; } = new();
}

/// <summary>Section <c>server</c>.</summary>
internal sealed class ServerOptions
{
    /// <summary>Address to bind. Loopback needs no key, unless a proxy or a public name is configured; anything else does. Default 127.0.0.1.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>TCP port. The next free one is taken, and said aloud, when it is in use and was not given explicitly. Default 8000.</summary>
    public int Port { get; set; } = 8000;

    /// <summary>Host names that requests may carry, besides the bound address and localhost (DNS rebinding). Default none.</summary>
    public string[] AllowedHosts { get; set; } = [];

    /// <summary>Origins, such as <c>http://localhost:8080</c>, whose pages may use the API as our own may. Default none.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Address under which the world reaches this server, scheme and host, for absolute links; its host is allowed
    /// too. Default none: links name the host of the request.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>PEM file of the certificate for https, and behind it those that lead to a known one; null speaks http. Read again when it changes.
    /// Default null.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file of its private key; null when that is in the certificate's file. Default null.</summary>
    public string? Key { get; set; }

    /// <summary>Addresses and networks of proxies in front of this server, whose <c>X-Forwarded-For</c>, <c>-Proto</c> and, for a known name, <c>-Host</c> are believed.
    /// Default none: anybody can send these headers.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>Days for which browsers shall come by https only (<c>Strict-Transport-Security</c>, RFC 6797), said over https only; 0 says nothing.
    /// Default 0: it holds for every port of the host, and cannot be taken back soon.</summary>
    public int HstsDays { get; set; }

    /// <summary>Address and port at which a node that is a worker and nothing else answers monitors; null opens none. Default null.</summary>
    public string? Monitor { get; set; }
}

/// <summary>Section <c>storage</c>.</summary>
internal sealed class StorageOptions
{
    /// <summary>Data folder: catalog, secrets and media. Default <c>data</c> under the working folder.</summary>
    public string Data { get; set; } = "data";

    /// <summary>Address of the PostgreSQL database that has the catalog, without a password; null for a file in <see cref="Data"/>. Default null.</summary>
    public string? Catalog { get; set; }

    /// <summary>Password of that database. Default null.</summary>
    public string? CatalogPassword { get; set; }

    /// <summary>Several servers may share the catalog.</summary>
    public bool IsShared() => Catalog is not null;

    /// <summary>Names this server among those that share a catalog; the same after its restart, and no other's.</summary>
    public string NodeName() => $"{Environment.MachineName}:{Path.GetFullPath(Data)}";

    /// <summary>As that, in sixteen letters and digits.</summary>
    public string ShortNodeName() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(NodeName())))[..16];

    /// <summary>Bytes of disk that are never filled. Default 64 MiB.</summary>
    public long ReserveBytes { get; set; } = 64L << 20;

    /// <summary>Where the media lie when not in the data folder.</summary>
    public S3Options S3 { get; init; } = new();
}

/// <summary>Section <c>storage.s3</c>: media in a bucket. In force when <see cref="Bucket"/> is given.</summary>
internal sealed class S3Options
{
    /// <summary>URL of the server, scheme and host. Default null: that of Amazon in <see cref="Region"/>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Region that requests are signed for. Default us-east-1, which most other servers take.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Name of the bucket; null keeps media in the data folder. Default null.</summary>
    public string? Bucket { get; set; }

    /// <summary>Stands before the names of all objects, so that one bucket may hold other things too. Default <c>sluice/</c>.</summary>
    public string Prefix { get; set; } = "sluice/";

    /// <summary>Name of the key that requests are signed with. Default null.</summary>
    public string? AccessKey { get; set; }

    /// <summary>The key. Default null.</summary>
    public string? SecretKey { get; set; }

    /// <summary>The bucket is the beginning of the path, not of the host name. Default true, which every server but some of Amazon's takes.</summary>
    public bool PathStyle { get; set; } = true;

    /// <summary>Bytes of the local disk for what was read last. Default 4 GiB.</summary>
    public long CacheBytes { get; set; } = 4L << 30;

    /// <summary>Larger objects are uploaded in parts of this size, 5 MiB to 512 MiB. Default 16 MiB. S3 takes 10 000 parts of one object, so they are made
    /// larger where that would not do.</summary>
    public long PartBytes { get; set; } = 16L << 20;
}

/// <summary>Section <c>ingest</c>.</summary>
internal sealed class IngestOptions
{
    /// <summary>Largest upload in bytes. Default 64 GiB.</summary>
    public long MaxUploadBytes { get; set; } = 64L << 30;

    /// <summary>Uploads received at the same time; one more is told to come back. Default 64.</summary>
    public int MaxUploads { get; set; } = 64;

    /// <summary>Uploads received at the same time from one address. Default 16; behind a proxy all come from one.</summary>
    public int MaxUploadsPerClient { get; set; } = 16;

    /// <summary>Uploads in pieces that may be unfinished at the same time. Default 1000.</summary>
    public int MaxUnfinished { get; set; } = 1000;

    /// <summary>Bytes that unfinished uploads may have together: as announced, and of those in chunks what has come. Default 256 GiB.</summary>
    public long MaxUnfinishedBytes { get; set; } = 256L << 30;

    /// <summary>Minutes after which an unfinished upload is removed when nothing comes. Default 1440, a day.</summary>
    public int UnfinishedMinutes { get; set; } = 1440;

    /// <summary>Flush the bytes of an upload in pieces to the disk's platter before their offset is reported, so that they survive a power
    /// cut. When false they survive the death of the server, not that of the machine. Default true.</summary>
    public bool Durable { get; set; } = true;

    /// <summary>Downloads of imports at the same time; the others wait for their turn. Default 2.</summary>
    public int MaxImports { get; set; } = 2;

    /// <summary>Minutes that a download may take. Default 1440, a day.</summary>
    public int ImportMinutes { get; set; } = 1440;

    /// <summary>Ask yt-dlp and streamlink, where they are installed, for the file behind a web page. Default true.</summary>
    public bool Resolvers { get; set; } = true;

    /// <summary>Folder whose files become titles as soon as they stop growing; null watches none. Default null.</summary>
    public string? Watch { get; set; }

    /// <summary>Look into the folders of the watch folder too. Default false.</summary>
    public bool WatchFolders { get; set; }

    /// <summary>Seconds for which a file of the watch folder must stay as it is. Default 5.</summary>
    public int WatchSeconds { get; set; } = 5;
}

/// <summary>Section <c>outbound</c>: requests that this server makes itself.</summary>
internal sealed class OutboundOptions
{
    /// <summary>What may be asked although it is not of the public internet: <c>host:port</c>, or networks such as <c>10.0.0.0/8</c>.
    /// Default none.</summary>
    public string[] Allow { get; set; } = [];
}

/// <summary>Section <c>torrents</c>.</summary>
internal sealed class TorrentOptions
{
    /// <summary>Take magnet links and .torrent files, where Python with libtorrent is installed. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Full path of the Python that has libtorrent; null looks for one. Default null.</summary>
    public string? Python { get; set; }

    /// <summary>Address and port at which peers may connect; null takes no connections and only makes them. Default null.</summary>
    public string? Listen { get; set; }

    /// <summary>Look for peers in the distributed hash table too, which tells strangers what is looked for. Default false.</summary>
    public bool Dht { get; set; }

    /// <summary>Bytes of the files of one torrent that may be read, together. Default 64 GiB.</summary>
    public long MostBytes { get; set; } = 64L << 30;

    /// <summary>Files of one torrent; one with more is refused. Default 5000.</summary>
    public int MostFiles { get; set; } = 5000;

    /// <summary>Peers that are connected at the same time, of all torrents. Default 100.</summary>
    public int MostPeers { get; set; } = 100;

    /// <summary>Bytes per second that are given to other peers; 0 is as many as they take. Default 1 MiB.</summary>
    public int UploadRate { get; set; } = 1 << 20;
}

/// <summary>Section <c>package</c>.</summary>
internal sealed class PackageOptions
{
    /// <summary>Target segment duration in seconds, 1 to 30. Default 6 (Apple's HLS authoring specification 7.5).</summary>
    public double SegmentSeconds { get; set; } = 6;
}

/// <summary>Section <c>transcode</c>.</summary>
internal sealed class TranscodeOptions
{
    /// <summary>Encode what browsers cannot play. When false such titles are kept as they came. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Full path of ffmpeg, with ffprobe in the same folder; null looks on the search path. Default null.</summary>
    public string? Ffmpeg { get; set; }

    /// <summary>Give titles that play as they are lower renditions too, in the background. Default true.</summary>
    public bool LadderForCopied { get; set; } = true;

    /// <summary>Length of an encoded chunk in seconds, 1 to 10. Default 2: a viewer who seeks waits for one of them, and a key frame every
    /// two seconds is what Apple's HLS authoring specification (1.10) asks for.</summary>
    public double ChunkSeconds { get; set; } = 2;

    /// <summary>Codec of encoded video: <c>h264</c>, <c>hevc</c> or <c>av1</c>. Default h264, which everything plays.</summary>
    public string Codec { get; set; } = "h264";

    /// <summary>ffmpeg's name of a hardware encoder, such as <c>h264_nvenc</c>; null encodes in software. Default null.</summary>
    public string? Encoder { get; set; }

    /// <summary>The software encoder's preset. Default veryfast (for AV1: 10).</summary>
    public string Preset { get; set; } = "veryfast";

    /// <summary>Threads of one encoding process, 0 to 64; 0 means as many as there are cores. Default 0.</summary>
    public int Threads { get; set; }

    /// <summary>Encoding processes at the same time that nobody waits for; 0 means a quarter of the cores, at least 1. Default 0.</summary>
    public int BackgroundTasks { get; set; }

    /// <summary>Encoding processes at the same time that viewers wait for, besides those; 0 means half of the cores, at least 2. Default 0.</summary>
    public int UrgentTasks { get; set; }

    /// <summary>Seconds of a title that one background process encodes. Default 300; the start of a process costs about
    /// as much as a second of content.</summary>
    public int RunSeconds { get; set; } = 300;

    /// <summary>Seconds that a request waits for a chunk in the making before it is told to come back. Default 8: players
    /// give up on a silent server after 10.</summary>
    public int WaitSeconds { get; set; } = 8;

    /// <summary>A process that gives no sign of life for so many seconds is ended and its task tried again. Default 60.</summary>
    public int SilenceSeconds { get; set; } = 60;

    /// <summary>Memory of one encoding process in bytes. Default 4 GiB.</summary>
    public long MemoryBytes { get; set; } = 4L << 30;
}

/// <summary>Section <c>access</c>.</summary>
internal sealed class AccessOptions
{
    /// <summary>Signing secret of playback tokens, 32 bytes or more; made and kept in the data folder when not given.
    /// The environment variable <c>SECRET_KEY</c> sets it too.</summary>
    public string? Secret { get; set; }

    /// <summary>Life of a playback token in minutes when the request does not say. Default 1440.</summary>
    public int TokenMinutes { get; set; } = 1440;

    /// <summary>Minutes for which a browser is the operator's after the key was given in it. Default 10080, a week.</summary>
    public int SessionMinutes { get; set; } = 10_080;

    /// <summary>Origins whose pages may play, besides our own: <c>*</c> for any, <c>https://example.com</c>, <c>*.example.com</c>. A title can say
    /// otherwise for itself. Default any: a link is what protects.</summary>
    public string[] AllowedOrigins { get; set; } = ["*"];

    /// <summary>Whether what may be played by certain pages only is also for requests that name no page at all. Default true: players that are no pages
    /// (ffmpeg, VLC, television sets, Safari's own) send neither Origin nor Referer.</summary>
    public bool AllowNoReferer { get; set; } = true;

    /// <summary>Whoever may watch a title may have its file too, where the title does not say otherwise. Default false: a link shows, it does not give away.</summary>
    public bool Downloads { get; set; }
}

/// <summary>Section <c>rateLimits</c>: requests per second of one address on average, ten seconds' worth of them at once; 0 for any number.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>Playlists and MPDs of titles and channels, and endless streams that are begun. Default 50: a player asks for some at its start, and many may
    /// sit behind one address.</summary>
    public int Manifests { get; set; } = 50;

    /// <summary>Playlists and segments of the key-value store. Default 200: a player asks for one in some seconds, and for ten a second when it seeks.</summary>
    public int Published { get; set; } = 200;

    /// <summary>New playback tokens. Default 10.</summary>
    public int Tokens { get; set; } = 10;

    /// <summary>Uploads, imports and sessions that are begun. Default 20.</summary>
    public int Uploads { get; set; } = 20;

    /// <summary>Keys that are wrong, and of several nodes sessions that there are not. Default 1; then others that are not the operator's are refused for a moment too.</summary>
    public int WrongKeys { get; set; } = 1;
}

/// <summary>Section <c>quality</c>: how playback goes for viewers.</summary>
internal sealed class QualityOptions
{
    /// <summary>Our own pages tell this server, and nobody else, how a playback went: how long it took to begin, where it stopped. Not who watched. Default true.</summary>
    public bool Reports { get; set; } = true;
}

/// <summary>Section <c>retention</c>.</summary>
internal sealed class RetentionOptions
{
    /// <summary>Minutes between expiry, when playback is refused, and removal of the files; in between a refresh or
    /// extension brings the title back. Default 10.</summary>
    public int GraceMinutes { get; set; } = 10;

    /// <summary>Seconds between two sweeps. Default 30.</summary>
    public int SweepSeconds { get; set; } = 30;
}

/// <summary>Section <c>live</c>.</summary>
internal sealed class LiveOptions
{
    /// <summary>Viewers of all channels together, recordings not counted; one more is told to come back. Default 10 000: connections take some tens of
    /// kilobytes each, and a line of 10 Gbit/s carries no more of them at 1 Mbit/s.</summary>
    public int MaxViewers { get; set; } = 10_000;
}

/// <summary>Section <c>rooms</c>.</summary>
internal sealed class RoomOptions
{
    /// <summary>Rooms at the same time; with 0 there are none. Default 200.</summary>
    public int Most { get; set; } = 200;

    /// <summary>People in one room. Default 50.</summary>
    public int Members { get; set; } = 50;

    /// <summary>Seconds that a room waits for somebody whose playback stalls before it goes on without them; 0 waits for nobody. Default 10.</summary>
    public int WaitSeconds { get; set; } = 10;
}

/// <summary>Section <c>sessions</c>: what is watched together from where it lies.</summary>
internal sealed class SessionsOptions
{
    /// <summary>Anyone who reaches this server may begin and end sessions; else the operator key is needed, where it is needed at all. Default false.</summary>
    public bool Open { get; set; }

    /// <summary>Sessions at the same time; one more is told to come back. Default 8.</summary>
    public int Most { get; set; } = 8;

    /// <summary>Seconds after which a session ends of which nobody was heard. Default 45; pages are heard of every 15.</summary>
    public int IdleSeconds { get; set; } = 45;

    /// <summary>Seconds that a session may take to open: peers may be slow to tell what is in a torrent, or not be there. Default 300.</summary>
    public int OpenSeconds { get; set; } = 300;

    /// <summary>Folder for what sessions keep for a while; a memory disk spares the real one. Null is <c>scratch</c> in the data folder. Default null.</summary>
    public string? Scratch { get; set; }

    /// <summary>Bytes that all sessions together may keep there. Default 16 GiB.</summary>
    public long ScratchBytes { get; set; } = 16L << 30;

    /// <summary>Bytes of a file on another server that one session keeps, those that were read last. Default 256 MiB.</summary>
    public long CacheBytes { get; set; } = 256L << 20;

    /// <summary>Bytes of encoded chunks that one session keeps, those nearest to its viewers. Default 1 GiB.</summary>
    public long EncodedBytes { get; set; } = 1L << 30;
}

/// <summary>Section <c>pipekv</c>: a node of Pipe KV, and who may play what it holds.</summary>
internal sealed class PipeKvOptions
{
    /// <summary>Address of the node, https. The environment variable <c>HOST</c> sets it too. Null with a key is this machine; null without one is no node.</summary>
    public string? Url { get; set; }

    /// <summary>Its service key. The environment variable <c>X_SERVICE_KEY</c> sets it too. Default none.</summary>
    public string? Key { get; set; }

    /// <summary>SHA-256 of the certificate that it shows, instead of what this machine trusts. Default none.</summary>
    public string? Pin { get; set; }

    /// <summary>PEM file of the authorities of its certificate, instead of those that this machine trusts. Default none.</summary>
    public string? Authority { get; set; }

    /// <summary>Bytes of one value. What the store takes is not known. Default 64 MiB.</summary>
    public long MostBytes { get; set; } = 64L << 20;

    /// <summary>Bytes of values that are kept on the disk for viewers, those that were used last. Default 256 MiB.</summary>
    public long CacheBytes { get; set; } = 256L << 20;

    /// <summary>Sites whose pages may play what is published there. The environment variable <c>ALLOWED_REF</c> sets them too. Default any.</summary>
    public string[] AllowedReferers { get; set; } = [];
}
