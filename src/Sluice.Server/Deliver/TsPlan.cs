using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Server.Deliver;

/// <summary>One MPEG-TS segment in terms of CMAF segments.</summary>
/// <param name="Timing">Where it lies, in 90 kHz ticks.</param>
/// <param name="Video">Number of the video segment, from 1; 0 for none.</param>
/// <param name="FirstAudio">Number of the first audio segment, from 1; 0 for none.</param>
/// <param name="AudioCount">Number of audio segments.</param>
internal readonly record struct TsPlanSegment(SegmentTiming Timing, int Video, int FirstAudio, int AudioCount);

/// <summary>
/// Which CMAF segments make up each MPEG-TS segment. Audio is cut at the video's cuts, so each audio segment falls
/// whole into one TS segment; sound that outlasts the picture makes segments of its own.
/// </summary>
internal static class TsPlan
{
    /// <summary>Ticks in a second of MPEG-TS timestamps (ISO/IEC 13818-1 section 2.4.2).</summary>
    public const uint Timescale = 90_000;

    /// <summary>Plans from the timings of both tracks; either may be empty, not both.</summary>
    public static TsPlanSegment[] Make(
        ReadOnlySpan<SegmentTiming> video, uint videoTimescale, ReadOnlySpan<SegmentTiming> audio, uint audioTimescale)
    {
        var plan = new List<TsPlanSegment>(Math.Max(video.Length, audio.Length));
        var a = 0;
        for (var v = 0; v < video.Length; v++)
        {
            var timing = Convert(video[v], videoTimescale);
            var end = timing.StartTicks + timing.DurationTicks;
            var first = a;
            while (a < audio.Length && Convert(audio[a], audioTimescale).StartTicks < end)
            {
                a++;
            }

            plan.Add(new TsPlanSegment(timing, v + 1, a > first ? first + 1 : 0, a - first));
        }

        for (; a < audio.Length; a++)
        {
            plan.Add(new TsPlanSegment(Convert(audio[a], audioTimescale), 0, a + 1, 1));
        }

        return [.. plan];
    }

    private static SegmentTiming Convert(SegmentTiming timing, uint timescale)
    {
        var start = Ticks.Rescale(timing.StartTicks, timescale, Timescale);
        var end = Ticks.Rescale(timing.StartTicks + timing.DurationTicks, timescale, Timescale);
        return new SegmentTiming(start, Math.Max(1, end - start));
    }
}
