using System.Text;
using Sluice.Media.IsoBmff;
using Sluice.Media.Text;

namespace Sluice.Media.TimedText;

/// <summary>A sample of WebVTT in MP4 (ISO/IEC 14496-30 section 7.4): a box for each cue that is shown as long as the sample lasts.</summary>
internal static class WebVttSample
{
    /// <summary>A sample of so many bytes is the box of one without a cue.</summary>
    public const int EmptyBytes = 8;

    /// <summary>Cues that are shown at the same time; more are not readable.</summary>
    private const int MostCues = 32;

    /// <summary>The cues; what is damaged is left out.</summary>
    public static List<Cue> Read(ReadOnlySpan<byte> bytes, TextSample at)
    {
        var cues = new List<Cue>();
        var boxes = new BoxReader(bytes);
        while (cues.Count < MostCues && boxes.Next())
        {
            if (boxes.Type != "vttc")
            {
                continue;
            }

            var text = CueText.Clean(Encoding.UTF8.GetString(BoxReader.Find(boxes.Body, "payl")).ReplaceLineEndings("\n").Split('\n'));
            if (text.Length > 0)
            {
                var settings = CueSettings.Clean(Encoding.UTF8.GetString(BoxReader.Find(boxes.Body, "sttg")));
                cues.Add(new Cue(at.StartMilliseconds, at.EndMilliseconds, text, settings));
            }
        }

        return cues;
    }
}
