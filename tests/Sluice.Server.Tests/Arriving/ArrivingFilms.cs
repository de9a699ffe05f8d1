using Sluice.Tests;

namespace Sluice.Server.Tests.Arriving;

/// <summary>Films of forty seconds with picture and sound, made once for all tests of this folder, each when it is first asked for: one of each layout.</summary>
public sealed class ArrivingFilms
{
    private const string Content =
        "-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=440:r=48000 -t 40 -c:a aac";

    private static readonly Lazy<byte[]> PlainMade = Make("-c:v libx264 -preset veryfast -bf 2 -g 50 -movflags +faststart");
    private static readonly Lazy<byte[]> IndexLastMade = Make("-c:v libx264 -preset ultrafast -g 50");

    private static readonly Lazy<byte[]> FragmentedMade =
        Make("-c:v libx264 -preset ultrafast -g 50 -movflags +frag_keyframe+empty_moov+default_base_moof");

    private static readonly Lazy<byte[]> ForeignMade = Make("-c:v mpeg4 -q:v 5 -g 50 -movflags +faststart");

    /// <summary>Its index comes first; H.264 with B-frames.</summary>
    public byte[] Plain { get; } = PlainMade.Value;

    /// <summary>Its index comes last.</summary>
    public byte[] IndexLast => IndexLastMade.Value;

    /// <summary>Fragments, one a group of pictures.</summary>
    public byte[] Fragmented => FragmentedMade.Value;

    /// <summary>Its index comes first, but no browser plays its picture.</summary>
    public byte[] Foreign => ForeignMade.Value;

    private static Lazy<byte[]> Make(string how) => new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("sluice-arriving-");
        var path = Path.Combine(folder.FullName, "film.mp4");
        Ffmpeg.Make($"{Content} {how}", path);
        var film = File.ReadAllBytes(path);
        folder.Delete(recursive: true);
        return film;
    });
}
