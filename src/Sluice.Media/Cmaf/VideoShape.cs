using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.Cmaf;

/// <summary>Size and rate of a video track as manifests state them.</summary>
internal static class VideoShape
{
    public static TrackSummary Apply(
        TrackSummary summary, SampleDescription description, TrackHeaderBox? header, TrackScan scan, uint timescale)
    {
        var aspect = description.SampleAspectRatio.Numerator > 0 && description.SampleAspectRatio.Denominator > 0
            ? description.SampleAspectRatio.Reduced()
            : new Rational(1, 1);
        var width = (int)Math.Round(description.CodedWidth * aspect.Value);
        var height = description.CodedHeight;
        if (header?.RotationDegrees is 90 or 270)
        {
            (width, height) = (height, width);
        }

        return summary with
        {
            CodedWidth = description.CodedWidth,
            CodedHeight = description.CodedHeight,
            DisplayWidth = width,
            DisplayHeight = height,
            SampleAspectRatio = aspect,
            FrameRate = RateOf(scan, timescale),
            VideoRange = description.VideoRange,
        };
    }

    private static Rational? RateOf(TrackScan scan, uint timescale)
    {
        var ticks = scan.EndPresentationTicks - scan.FirstPresentationTicks;
        return ticks > 0 ? new Rational(scan.KeptCount * timescale, ticks).Reduced() : null;
    }
}
