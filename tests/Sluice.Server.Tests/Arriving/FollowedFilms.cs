using Sluice.Tests;

namespace Sluice.Server.Tests.Arriving;

/// <summary>Films of forty seconds in containers that are repackaged, each made once for all classes, when it is first asked for.</summary>
public sealed class FollowedFilms : IDisposable
{
    private const string Content = "-f lavfi -i testsrc2=s=320x180:r=25:d=40 -f lavfi -i sine=440:r=48000:d=40";
    private const string Picture = "-c:v libx264 -preset veryfast -bf 2 -g 50";
    private const int PacketBytes = 188;

    private static readonly Lazy<byte[]> MatroskaMade = Make("mkv", $"{Picture} -c:a aac");
    private static readonly Lazy<byte[]> TransportMade = Make("ts", $"{Picture} -c:a aac");
    private static readonly Lazy<byte[]> FlashMade = Make("flv", $"{Picture} -c:a aac");
    private static readonly Lazy<byte[]> DolbyMade = Make("mkv", $"{Picture} -c:a ac3");
    private static readonly Lazy<byte[]> HalfMade = Make("ts", $"{Picture} -c:a aac -t 20");
    private static readonly Lazy<byte[]> FarMade = Make("ts", $"{Picture} -c:a aac -t 20 -output_ts_offset 5000");

    private static readonly Lazy<byte[]> LateSoundMade =
        Make("mkv", $"-map 0 -map 1 -map 2 {Picture} -c:a aac -c:a:1 flac", "-itsoffset 35 -f lavfi -i sine=880:r=48000:d=5");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-followed-");

    /// <summary>H.264 with B-frames and AAC.</summary>
    public byte[] Matroska => MatroskaMade.Value;

    /// <summary>The same as MPEG-TS.</summary>
    public byte[] Transport => TransportMade.Value;

    /// <summary>The same as FLV.</summary>
    public byte[] Flash => FlashMade.Value;

    /// <summary>As <see cref="Matroska"/>, with a second sound, FLAC, in its last five seconds.</summary>
    public byte[] LateSound => LateSoundMade.Value;

    /// <summary>Its sound is AC-3.</summary>
    public byte[] Dolby => DolbyMade.Value;

    /// <summary>MPEG-TS that begins between two key frames: from the third packet of a picture on, with three more seconds before the next.</summary>
    public byte[] MidGroup => Transport[(Transport.Length / PacketBytes / 4 * PacketBytes)..];

    /// <summary>Matroska with zeros in its middle.</summary>
    public byte[] Damaged
    {
        get
        {
            byte[] damaged = [.. Matroska];
            Array.Clear(damaged, damaged.Length / 2, damaged.Length / 20);
            return damaged;
        }
    }

    /// <summary>Two recordings of twenty seconds as one MPEG-TS: its clock begins again in the middle.</summary>
    public byte[] JoinedBack => [.. HalfMade.Value, .. HalfMade.Value];

    /// <summary>As <see cref="JoinedBack"/>, with a clock that jumps ahead by more than an hour.</summary>
    public byte[] JoinedFar => [.. HalfMade.Value, .. FarMade.Value];

    public byte[] Of(string kind) => kind switch
    {
        "mkv" => Matroska,
        "ts" => Transport,
        "flv" => Flash,
        "mid-group.ts" => MidGroup,
        "joined-back.ts" => JoinedBack,
        "joined-far.ts" => JoinedFar,
        "damaged.mkv" => Damaged,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Writes a file down for programs that read files.</summary>
    public string PathOf(string name, params byte[][] parts)
    {
        var path = Path.Combine(_folder.FullName, name);
        using var file = File.Create(path);
        foreach (var part in parts)
        {
            file.Write(part);
        }

        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Lazy<byte[]> Make(string kind, string how, string more = "") => new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("sluice-followed-");
        var path = Path.Combine(folder.FullName, "film." + kind);
        Ffmpeg.Make($"{Content} {more} {how}", path);
        var film = File.ReadAllBytes(path);
        folder.Delete(recursive: true);
        return film;
    });
}
