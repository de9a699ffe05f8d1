using System.Globalization;

namespace Sluice.Bench.Encoded;

/// <summary>Presentation times and key frames of a track, as ffprobe reads them.</summary>
/// <param name="Times">Ascending, in ticks.</param>
/// <param name="Keys">Places in <paramref name="Times"/> at which a key frame is shown.</param>
internal sealed record Packets(long[] Times, int[] Keys)
{
    /// <summary>Reads a track of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stream">Such as <c>v:0</c>.</param>
    public static async Task<Packets> ReadAsync(string path, string stream)
    {
        var output = await Tool.RunAsync("ffprobe", ["-v", "error", "-select_streams", stream, "-show_entries", "packet=pts,flags", "-of", "csv=p=0", path]);
        var packets = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(','))
            .Select(f => (Time: long.Parse(f[0], CultureInfo.InvariantCulture), IsKey: f[1].StartsWith('K'))).OrderBy(p => p.Time).ToArray();
        return new Packets([.. packets.Select(p => p.Time)], [.. packets.Index().Where(p => p.Item.IsKey).Select(p => p.Index)]);
    }

    /// <summary>The same, earlier by some ticks, and without what comes before zero then (an encoder's priming).</summary>
    public Packets Since(long ticks)
    {
        var before = Times.Count(t => t < ticks);
        return new Packets([.. Times[before..].Select(t => t - ticks)], [.. Keys.Where(k => k >= before).Select(k => k - before)]);
    }
}
