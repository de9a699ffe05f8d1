using Sluice.Server.Live;

namespace Sluice.Server.Recordings;

/// <summary>Where in a log a recording begins.</summary>
/// <param name="Point">The place; null for the newest.</param>
/// <param name="Back">How long before now that is; as far back as the log reaches, when more was wanted.</param>
internal readonly record struct RecordingStart(LogPoint? Point, TimeSpan Back)
{
    /// <summary>The place that lies so far back.</summary>
    public static RecordingStart In(LogIndex index, TimeSpan back)
    {
        if (back <= TimeSpan.Zero)
        {
            return default;
        }

        LogPoint? found = null;
        var (passed, reached) = (TimeSpan.Zero, TimeSpan.Zero);
        foreach (var segment in index.Segments.Reverse())
        {
            passed += segment.Duration;
            if (Array.Find(index.Points, p => p.Position >= segment.Position && (segment.End is not { } end || p.Position < end)) is { } point)
            {
                (found, reached) = (point, passed);
            }

            if (passed >= back)
            {
                break;
            }
        }

        return new RecordingStart(found, reached);
    }
}
