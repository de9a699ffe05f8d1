using Sluice.Media.Codecs;

namespace Sluice.Media.MpegTs;

/// <summary>
/// What all segments of one MPEG-TS rendition share: its tables, parameter sets and headers, made ready once. Immutable;
/// any number of <see cref="TsMuxer"/> may use one at the same time.
/// </summary>
public sealed class TsProgram
{
    internal const int VideoPid = 0x100;
    internal const int AudioPid = 0x101;

    private const byte H264StreamType = 0x1B;
    private const byte AdtsStreamType = 0x0F;
    private const byte Mpeg1AudioStreamType = 0x03;
    private const byte Mpeg2AudioStreamType = 0x04;
    private const int LowestMpeg1Rate = 32000;

    private TsProgram(SampleDescription? video, SampleDescription? audio, byte[] adts)
    {
        Video = video;
        Audio = audio;
        Adts = adts;
        ParameterSets = video is null ? [] : AnnexB.ParameterSets(video);
        ClockPid = video is null ? AudioPid : VideoPid;
        var streams = new List<(byte StreamType, int Pid)>();
        if (video is not null)
        {
            streams.Add((H264StreamType, VideoPid));
        }

        if (audio is not null)
        {
            streams.Add((AudioStreamType(audio), AudioPid));
        }

        MapPayload = ProgramTables.Map(ClockPid, [.. streams]);
    }

    internal static byte[] AssociationPayload { get; } = ProgramTables.Association();

    internal SampleDescription? Video { get; }

    internal SampleDescription? Audio { get; }

    internal int ClockPid { get; }

    internal byte[] MapPayload { get; }

    internal byte[] ParameterSets { get; }

    /// <summary>Header before each AAC frame, its length not yet set; empty for MPEG audio, whose frames have their own.</summary>
    internal byte[] Adts { get; }

    /// <summary>Samples in one audio frame, before SBR.</summary>
    internal int AudioFrameSamples => Audio switch
    {
        { Codec: CodecId.Mp3, SampleRate: < LowestMpeg1Rate } => 576,
        { Codec: CodecId.Mp3 } => 1152,
        _ => 1024,
    };

    /// <summary>Rate that <see cref="AudioFrameSamples"/> counts in.</summary>
    internal int AudioFrameRate => Audio is { Aac: { } aac } ? aac.CoreSampleRate : Audio?.SampleRate ?? 0;

    /// <summary>Prepares a program of H.264 and of AAC or MP3; one of them may be absent.</summary>
    /// <param name="video">H.264, or null.</param>
    /// <param name="audio">AAC or MP3, or null.</param>
    /// <param name="reason">Why these cannot go into MPEG-TS as they are, in words for a person; null when they can.</param>
    /// <returns>The program, or null.</returns>
    public static TsProgram? TryCreate(SampleDescription? video, SampleDescription? audio, out string? reason)
    {
        byte[]? adts = [];
        reason = video is null && audio is null ? "there is no track" : WhyNotVideo(video) ?? WhyNotAudio(audio);
        if (reason is null && audio is { Aac: { } config })
        {
            adts = AdtsHeader.TryCreate(config, out reason);
        }

        return reason is null ? new TsProgram(video, audio, adts!) : null;
    }

    private static string? WhyNotVideo(SampleDescription? video) => video switch
    {
        null => null,
        { IsEncrypted: true } => "its video is encrypted",
        { Problem: { } problem } => problem,
        { Codec: not CodecId.H264 } => $"only H.264 video is sent in MPEG-TS, not {video.Codecs}",
        _ => null,
    };

    private static string? WhyNotAudio(SampleDescription? audio) => audio switch
    {
        null => null,
        { IsEncrypted: true } => "its audio is encrypted",
        { Problem: { } problem } => problem,
        { SampleRate: <= 0 } => "its audio sampling rate is not known",
        { Codec: CodecId.Aac, Aac: not null } or { Codec: CodecId.Mp3 } => null,
        _ => string.Create(CultureInfo.InvariantCulture, $"only AAC and MP3 audio are sent in MPEG-TS, not {audio.Codecs}"),
    };

    private static byte AudioStreamType(SampleDescription audio) => audio switch
    {
        { Codec: CodecId.Aac } => AdtsStreamType,
        { SampleRate: < LowestMpeg1Rate } => Mpeg2AudioStreamType,
        _ => Mpeg1AudioStreamType,
    };
}
