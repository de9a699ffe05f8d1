namespace Sluice.Media.MpegTs;

/// <summary>How large a segment may become in MPEG-TS, from sizes alone: what BANDWIDTH needs before any is made.</summary>
public static class TsSizing
{
    /// <summary>NAL units a picture is taken to have when their lengths take fewer bytes than a start code does.</summary>
    private const int AssumedNalUnits = 32;

    /// <summary>
    /// An upper bound on the bytes that <see cref="TsMuxer"/> writes, some percent above the truth. It holds when audio
    /// frames follow each other without gaps and, for NAL lengths of 1 or 2 bytes, when pictures have at most 32 units.
    /// </summary>
    /// <param name="program">The rendition.</param>
    /// <param name="videoBytes">Sizes of the pictures, summed; 0 without video.</param>
    /// <param name="pictures">Number of pictures.</param>
    /// <param name="syncPictures">Those among them before which parameter sets are sent.</param>
    /// <param name="audioBytes">Sizes of the audio frames, summed; 0 without audio.</param>
    /// <param name="audioFrames">Number of audio frames.</param>
    /// <param name="durationTicks">Length of the segment, 90 kHz.</param>
    public static long MostBytes(
        TsProgram program,
        long videoBytes,
        int pictures,
        int syncPictures,
        long audioBytes,
        int audioFrames,
        long durationTicks)
    {
        var lengthGrowth = program.Video is { NalLengthSize: < AnnexB.StartCodeBytes and > 0 } video
            ? (AnnexB.StartCodeBytes - video.NalLengthSize) * AssumedNalUnits
            : 0;
        var perPicture = (long)PesHeader.LongBytes + AnnexB.DelimiterBytes + lengthGrowth + TsPacket.ClockFieldBytes;
        var videoPackets = Packets(
            videoBytes + (perPicture * pictures) + ((long)syncPictures * program.ParameterSets.Length), pictures);

        // Any two neighbours together exceed one full PES packet, or one of them waited its longest.
        var audioStream = audioBytes + ((long)audioFrames * program.Adts.Length);
        var audioPes = Math.Min(
            audioFrames,
            2 + (2 * audioStream / TsMuxer.LargestAudioPes) + (durationTicks / TsMuxer.LongestAudioPesTicks));
        var audioPackets = Packets(audioStream + (audioPes * (PesHeader.ShortBytes + TsPacket.ClockFieldBytes)), audioPes);
        var clockPackets = pictures > 0 ? Math.Min(audioPes, 1 + (durationTicks / TsMuxer.ClockIntervalTicks)) : 0;
        var tables = RoundUp(2 + (durationTicks / TsMuxer.TableIntervalTicks));
        return TsPacket.Bytes * (videoPackets + audioPackets + clockPackets + (2 * tables));
    }

    /// <summary>Each PES packet ends in a packet that may be nearly empty; the last is spread to fill the cycle.</summary>
    private static long Packets(long bytes, long pesPackets) =>
        pesPackets == 0 ? 0 : (bytes / TsPacket.Room) + pesPackets + TsStream.CounterCycle - 1;

    private static long RoundUp(long packets) =>
        (packets + TsStream.CounterCycle - 1) / TsStream.CounterCycle * TsStream.CounterCycle;
}
