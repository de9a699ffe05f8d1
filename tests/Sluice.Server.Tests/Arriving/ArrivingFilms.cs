using Sluice.Tests;

namespace Sluice.Server.Tests.Arriving;

/// <summary>Films of forty seconds with picture and sound, made once for all tests of this folder: one of each layout.</summary>
public sealed class ArrivingFilms : IDisposable
{
    private const string Content =
        "-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=440:r=48000 -t 40 -c:a aac";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-arriving-");

    public ArrivingFilms()
    {
        Plain = Make("plain", "-c:v libx264 -preset veryfast -bf 2 -g 50 -movflags +faststart");
        IndexLast = Make("last", "-c:v libx264 -preset ultrafast -g 50");
        Fragmented = Make("fragmented", "-c:v libx264 -preset ultrafast -g 50 -movflags +frag_keyframe+empty_moov+default_base_moof");
        Foreign = Make("foreign", "-c:v mpeg4 -q:v 5 -g 50 -movflags +faststart");
    }

    /// <summary>Its index comes first; H.264 with B-frames.</summary>
    public byte[] Plain { get; }

    /// <summary>Its index comes last.</summary>
    public byte[] IndexLast { get; }

    /// <summary>Fragments, one a group of pictures.</summary>
    public byte[] Fragmented { get; }

    /// <summary>Its index comes first, but no browser plays its picture.</summary>
    public byte[] Foreign { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    private byte[] Make(string name, string how)
    {
        var path = Path.Combine(_folder.FullName, name + ".mp4");
        Ffmpeg.Make($"{Content} {how}", path);
        return File.ReadAllBytes(path);
    }
}
