namespace Sluice.Server.Processes;

/// <summary>
/// What ffmpeg and ffprobe may open of a stranger's file. Left out are formats that name other files or addresses (HLS, DASH,
/// concat, image sequences), devices and test sources, and decoders of games and curiosities, where memory errors live longest.
/// </summary>
internal static class FfmpegGuard
{
    private const string Protocol = "file:";

    /// <summary>Host of a source that this server hands to ffmpeg by itself. There is no such name (RFC 6761): without the relay it leads nowhere.</summary>
    public const string RelayedHost = "source.invalid";

    /// <summary>Name of such a source. It is on the command line, which all users of a machine may read, so it tells nothing: way and password are in the environment.</summary>
    public const string Relayed = $"http://{RelayedHost}/source";

    /// <summary>How the addresses of relays begin: proxies, with the password of a user of that name. No path begins so.</summary>
    private const string Relay = "http://sluice:";

    private const string Formats =
        "mov,matroska,webm,mpegts,mpeg,mpegvideo,avi,flv,live_flv,asf,ogg,wav,w64,flac,mp3,aac,loas,ac3,eac3,dts,dtshd,truehd," +
        "aiff,amr,amrnb,amrwb,au,caf,ape,tta,wv,tak,mpc,mpc8,mxf,gxf,dv,ivf,obu,av1,h261,h263,h264,hevc,vvc,m4v,vc1,rm,nut,wtv," +
        "srt,webvtt,ass";

    private const string VideoDecoders =
        "h264,hevc,vvc,av1,libdav1d,libaom-av1,vp8,vp9,libvpx,libvpx-vp9,mpeg1video,mpeg2video,mpegvideo,mpeg4,msmpeg4v1," +
        "msmpeg4v2,msmpeg4,h261,h263,h263i,h263p,flv,vp3,vp5,vp6,vp6a,vp6f,theora,wmv1,wmv2,wmv3,vc1,mjpeg,mjpegb,prores," +
        "dnxhd,cfhd,dvvideo,rawvideo,v210,v410,r210,huffyuv,ffvhuff,ffv1,utvideo,qtrle,rpza,svq1,svq3,cinepak,indeo3,indeo5," +
        "rv10,rv20,rv30,rv40,msvideo1,dirac,jpeg2000,flashsv,png,apng,gif,bmp,webp";

    private const string AudioDecoders =
        "aac,aac_fixed,aac_latm,mp1,mp1float,mp2,mp2float,mp3,mp3float,mp3adu,mp3adufloat,mp3on4,mp3on4float,ac3,ac3_fixed," +
        "eac3,dca,truehd,mlp,flac,alac,opus,libopus,vorbis,libvorbis,speex,libspeex,wmav1,wmav2,wmapro,wmalossless,wmavoice," +
        "amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,ape,tta,wavpack,tak,mpc7,mpc8,nellymoser,cook,sipr,real_144," +
        "real_288,qdm2,qcelp,mace3,mace6,gsm,gsm_ms,libgsm,libgsm_ms,g722,g723_1,g726,g726le,g729,dvaudio,s302m," +
        "adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,adpcm_swf,adpcm_yamaha,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_f32be," +
        "pcm_f32le,pcm_f64be,pcm_f64le,pcm_s8,pcm_s8_planar,pcm_s16be,pcm_s16be_planar,pcm_s16le,pcm_s16le_planar," +
        "pcm_s24be,pcm_s24daud,pcm_s24le,pcm_s24le_planar,pcm_s32be,pcm_s32le,pcm_s32le_planar,pcm_s64be,pcm_s64le,pcm_u8," +
        "pcm_u16be,pcm_u16le,pcm_u24be,pcm_u24le,pcm_u32be,pcm_u32le,pcm_vidc";

    private const string SubtitleDecoders = "srt,subrip,ass,ssa,mov_text,webvtt,text,dvbsub,dvdsub,pgssub,xsub,cc_dec";

    /// <summary>Codecs whose decoder has another name.</summary>
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.Ordinal)
    {
        ["flv1"] = "flv",
        ["msmpeg4v3"] = "msmpeg4",
        ["dts"] = "dca",
        ["amr_nb"] = "amrnb",
        ["amr_wb"] = "amrwb",
        ["musepack7"] = "mpc7",
        ["musepack8"] = "mpc8",
        ["ra_144"] = "real_144",
        ["ra_288"] = "real_288",
        ["adpcm_g722"] = "g722",
        ["adpcm_g726"] = "g726",
        ["adpcm_g726le"] = "g726le",
        ["hdmv_pgs_subtitle"] = "pgssub",
        ["dvb_subtitle"] = "dvbsub",
        ["dvd_subtitle"] = "dvdsub",
        ["eia_608"] = "cc_dec",
    };

    private static readonly HashSet<string> Decoders =
        new($"{VideoDecoders},{AudioDecoders},{SubtitleDecoders}".Split(','), StringComparer.Ordinal);

    private static readonly string[] Opening = ["-protocol_whitelist", "file,pipe", "-format_whitelist", Formats];

    /// <summary>For a source that is relayed: nothing of this machine, and no address beyond what such formats name, which is none.</summary>
    private static readonly string[] OpeningRelay = ["-protocol_whitelist", "http,tcp", "-format_whitelist", Formats];

    private static readonly string[] Decoding = ["-codec_whitelist", string.Join(',', Decoders)];

    /// <summary>Stand first on every command line of ffmpeg.</summary>
    public static IReadOnlyList<string> Global { get; } = ["-nostdin", "-hide_banner", "-loglevel", "warning", "-nostats"];

    /// <summary>Stand before every <c>-i</c> of ffmpeg, and before the file of ffprobe, when that is a file or a pipe.</summary>
    public static IReadOnlyList<string> Input { get; } = [.. Opening, .. Decoding];

    private static IReadOnlyList<string> RelayInput { get; } = [.. OpeningRelay, .. Decoding];

    /// <summary>
    /// Stand before the address of a DASH presentation, which names further addresses. Only with <see cref="ChildCommand.Proxy"/>: <c>http</c> asks that proxy,
    /// whatever a file in it names, for the environment has no <c>no_proxy</c>; <c>tcp</c> is how it gets there, and ffmpeg takes no address of that
    /// kind from a presentation. Nothing else may be added: <c>httpproxy</c> connects to whoever its address names, and ffmpeg takes that for a kind of http;
    /// <c>https</c> is of no use without it.
    /// </summary>
    public static IReadOnlyList<string> Presentation { get; } =
    [
        "-protocol_whitelist", "http,tcp", "-format_whitelist", "dash,mov,matroska,webm,mpegts,webvtt", .. Decoding,
    ];

    /// <summary>Stand before a source, wherever it lies.</summary>
    /// <param name="source">Full path, or the address of a relay.</param>
    public static IReadOnlyList<string> InputOf(string source) => IsRelayed(source) ? RelayInput : Input;

    /// <summary>For ffprobe instead of <see cref="InputOf"/> when a codec is not on the list, at which it gives up: it may open any
    /// decoder then, but decodes nothing.</summary>
    public static IReadOnlyList<string> HeadersOnlyOf(string source) => [.. IsRelayed(source) ? OpeningRelay : Opening, "-nofind_stream_info"];

    /// <summary>Whether a codec, by ffmpeg's name of it, is on the list.</summary>
    public static bool MayDecode(string codec) => Decoders.Contains(OtherNames.GetValueOrDefault(codec, codec));

    /// <summary>How a file is named to ffmpeg, whatever its name looks like.</summary>
    /// <param name="path">Full path.</param>
    public static string File(string path) => Protocol + path;

    /// <summary>How a source is named to ffmpeg, wherever it lies. <see cref="ProxyOf"/> goes with it.</summary>
    /// <param name="source">Full path, or the address of a relay.</param>
    public static string Source(string source) => IsRelayed(source) ? Relayed : File(source);

    /// <summary>What ffmpeg's requests for a source go through (<see cref="ChildCommand.Proxy"/>); null when there are none.</summary>
    /// <param name="source">Full path, or the address of a relay.</param>
    public static string? ProxyOf(string source) => IsRelayed(source) ? source : null;

    /// <summary>Whether this server hands the source to ffmpeg itself, by a relay whose address is a secret.</summary>
    public static bool IsRelayed(string source) => source.StartsWith(Relay, StringComparison.Ordinal);

    /// <summary>The path in what <see cref="File"/> made of it; anything else as it is.</summary>
    public static string PathOf(string argument) => argument.StartsWith(Protocol, StringComparison.Ordinal) ? argument[Protocol.Length..] : argument;
}
