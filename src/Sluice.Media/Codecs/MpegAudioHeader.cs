namespace Sluice.Media.Codecs;

/// <summary>Header of an MPEG-1, MPEG-2 or MPEG-2.5 audio frame (ISO/IEC 11172-3 section 2.4.1.3).</summary>
/// <param name="Layer">1, 2 or 3.</param>
/// <param name="SampleRate">Samples in a second.</param>
/// <param name="ChannelCount">1 or 2.</param>
internal readonly record struct MpegAudioHeader(int Layer, int SampleRate, int ChannelCount)
{
    public static bool TryParse(ReadOnlySpan<byte> frame, out MpegAudioHeader header)
    {
        header = default;
        if (frame.Length < 4 || frame[0] != 0xFF || (frame[1] & 0xE0) != 0xE0)
        {
            return false;
        }

        int version = (frame[1] >> 3) & 3, layer = (frame[1] >> 1) & 3, rate = (frame[2] >> 2) & 3;
        if (version == 1 || layer == 0 || rate == 3)
        {
            return false;
        }

        ReadOnlySpan<int> rates = [44100, 48000, 32000];
        var divisor = version switch { 3 => 1, 2 => 2, _ => 4 };
        header = new MpegAudioHeader(4 - layer, rates[rate] / divisor, frame[3] >> 6 == 3 ? 1 : 2);
        return true;
    }
}
