using System.Globalization;

namespace Sluice.Server.Transcode;

/// <summary>Reads what ffmpeg says of its progress (<c>-progress pipe:2</c>): lines of a key and a value.</summary>
internal sealed class FfmpegProgress
{
    private const string TimeKey = "out_time_us=";
    private long _microseconds;

    /// <summary>Seconds of the output that are done.</summary>
    public double Seconds => Volatile.Read(ref _microseconds) / 1e6;

    /// <summary>Takes a line of standard error; false when it is a message for people.</summary>
    public bool Take(string line)
    {
        if (line.StartsWith(TimeKey, StringComparison.Ordinal)
            && long.TryParse(line.AsSpan(TimeKey.Length), NumberStyles.Integer, CultureInfo.InvariantCulture, out var done))
        {
            Volatile.Write(ref _microseconds, done);
        }

        var equals = line.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && !line.AsSpan(0, equals).Contains(' ');
    }
}
