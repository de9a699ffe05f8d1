using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Tests.Building;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>What holds for any file that arrives in pieces: nothing is offered before it is there, and nothing that is not in the end.</summary>
internal static class ArrivingChecks
{
    public static void Run(byte[] bytes)
    {
        var file = new MemoryByteSource(bytes);
        var title = new ArrivingTitle(file);
        var steps = 2 + (bytes.Length % 11);
        for (var step = 0; step <= steps; step++)
        {
            title.Land((long)bytes.Length * step / steps);
        }

        if (title.Head.Plays != ArrivalPlays.Now)
        {
            return;
        }

        var atOnce = ArrivingTitle.AtOnce(file);
        var isFragmented = title.Tracks.Exists(static t => t.Track.IsFragmented);
        if (isFragmented && !title.Tracks.Select(static t => t.Options).SequenceEqual(atOnce.Select(static t => t.Options)))
        {
            return; // Its end takes a track away, or makes it begin elsewhere.
        }

        Require(title.Tracks.Count == atOnce.Count, "other tracks");
        foreach (var (track, whole) in title.Tracks.Zip(atOnce))
        {
            Require(!track.Compiler.IsDone || track.Sink.Written.SequenceEqual(whole.Sink.Written), "another index");
            Require(isFragmented || track.Compiler.Problem == whole.Problem, $"{track.Compiler.Problem} / {whole.Problem}");
            if (!track.Compiler.IsDone)
            {
                Require(isFragmented || track.Compiler.Problem is not null, "it does not end");
                return; // What follows a track with a problem has no leader.
            }
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
