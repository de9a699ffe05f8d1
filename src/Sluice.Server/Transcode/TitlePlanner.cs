using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>What came of planning.</summary>
/// <param name="Problem">Why nothing can be encoded; null otherwise.</param>
/// <param name="Renditions">The renditions whose cut tables were written.</param>
/// <param name="Groups">The renditions whose chunks of the same number lie at the same time, with the number of chunks of the longest.</param>
internal sealed record PlanResult(
    string? Problem, IReadOnlyList<Rendition> Renditions, IReadOnlyList<(IReadOnlyList<string> Renditions, int ChunkCount)> Groups)
{
    /// <summary>Bytes that all chunks together take at most, as reckoned by the caps of their rates.</summary>
    public long MostBytes { get; init; }
}

/// <summary>
/// Plans the encoding of a title, so that its playlists are whole before a chunk of it exists.
/// <code>
///   1 sizes and rates ──► 2 the first frames are encoded: what decoders must know, and that it works at all
///   3 cut tables with init segments, one index a rendition ──► 4 the plan
/// </code>
/// </summary>
internal sealed class TitlePlanner(EncoderTrial trial, SluiceOptions options)
{
    private const int AudioKilobits = 128;

    /// <summary>A second of the video buffer may come on top of a chunk's share.</summary>
    private const double PeakAllowance = 1.3;

    /// <summary>A picture that begins less than this part of a frame before a frame of the grid begins with it.</summary>
    private const double NearlyAFrame = 0.05;

    /// <summary>Plans, and writes plan and cut tables.</summary>
    /// <param name="source">What is to be encoded.</param>
    /// <param name="pathOf">Where an object of that name goes; must not exist yet.</param>
    /// <param name="ct">Ends the trial.</param>
    public async Task<PlanResult> PlanAsync(EncodeSource source, Func<string, string> pathOf, CancellationToken ct)
    {
        // :: Step 1
        var nextTrack = (uint)(source.CopiedVideos + source.CopiedAudios + 1);
        var (video, grid) = source.Video is { } picture ? PlanVideo(source, picture, ref nextTrack) : (null, null);
        if (video is { Rungs.Count: 0 })
        {
            (video, grid) = (null, null); // Nothing is smaller than what is offered already.
        }

        var audio = source.Audio.Select((sound, i) => PlanAudio(sound, $"a{source.FirstAudio + source.CopiedAudios + i}", nextTrack++)).ToList();
        var plan = new EncodePlan
        {
            ReadsRemux = source.IsRemux,
            StartSeconds = source.StartSeconds,
            StartsAtZero = source.StartsAtZero,
            OriginSeconds = source.OriginSeconds,
            MostChunkBytes = source.Manner.MostChunkBytes,
            Video = video,
            Audio = audio,
        };

        if (video is null && audio.Count == 0)
        {
            return new PlanResult(null, [], []);
        }

        // :: Step 2
        var first = await trial.RunAsync(source.Path, plan, ct);
        var delay = DelayOf(source, first);
        if (first.Problem is null && video is not null && delay > source.OriginSeconds * video.Timescale)
        {
            // The frames come so slowly, or with such a pause, that an encoder which holds some back would be late. One that holds none is not.
            video = video with { Reorders = false };
            first = await trial.RunAsync(source.Path, plan with { Video = video }, ct);
            delay = DelayOf(source, first);
        }

        if (first.Problem is not null)
        {
            return new PlanResult(first.Problem, [], []);
        }

        if (video is not null && delay > source.OriginSeconds * video.Timescale)
        {
            return new PlanResult("the encoder holds more frames back than the pauses between them allow", [], []);
        }

        plan = plan with { Video = video is null ? null : video with { DelayTicks = delay } };

        // :: Step 3
        var lead = grid?.Timings() ?? source.Copied?.Timings ?? [];
        var leadScale = grid?.Timescale ?? source.Copied?.Summary.Timescale ?? 1;
        var renditions = new List<Rendition>();
        var tables = new List<(string Id, SegmentTiming[] Timings, uint Timescale)>();
        var bytes = 0.0;
        for (var i = 0; i < (video?.Rungs.Count ?? 0); i++)
        {
            var rung = video!.Rungs[i];
            var summary = Summary(rung, source.Video!, first.Tracks[i], lead, leadScale, source.OriginSeconds, isDefault: i == 0 && source.CopiedVideos == 0);
            Write(pathOf, rung.Id, lead, RenditionInit.Write(first.Tracks[i], rung.TrackId, leadScale, null, rung.Width, rung.Height), summary);
            renditions.Add(new Rendition(rung.Id, "video", true, !source.Video!.IsOffered, Words(rung, summary)));
            tables.Add((rung.Id, lead, leadScale));
            bytes += MostBytes(summary);
        }

        for (var i = 0; i < audio.Count; i++)
        {
            var (sound, track) = (source.Audio[i], first.Tracks[(video?.Rungs.Count ?? 0) + i]);
            var timings = GridOf(audio[i], sound, source.OriginSeconds, lead, leadScale).Timings();
            var summary = Summary(audio[i], sound, track, timings, source.OriginSeconds, isDefault: sound.IsDefault);
            Write(pathOf, audio[i].Id, timings, RenditionInit.Write(track, audio[i].TrackId, (uint)audio[i].SampleRate), summary);
            renditions.Add(new Rendition(audio[i].Id, "audio", true, true, $"AAC {(audio[i].Channels == 1 ? "mono" : "stereo")}, {audio[i].Kilobits} kbit/s"));
            tables.Add((audio[i].Id, timings, (uint)audio[i].SampleRate));
            bytes += MostBytes(summary);
        }

        // :: Step 4
        await File.WriteAllBytesAsync(pathOf(ObjectKey.Plan(default).Name), plan.ToJson(), ct);
        return new PlanResult(null, renditions, Groups(tables)) { MostBytes = (long)bytes };
    }

    private static double MostBytes(TrackSummary summary) =>
        summary.PeakBitsPerSecond / 8.0 * Ticks.ToSeconds(summary.EndTicks - summary.StartTicks, summary.Timescale);

    /// <summary>By how much decoding must come before presentation. On a grid it is as in the trial; frames of a copied track
    /// may come slower later on.</summary>
    private static long DelayOf(EncodeSource source, TrialResult trial) => source is { CopiedFrames: { } frames, Video: not null }
        ? Math.Max(trial.DelayTicks, frames.LongestStretch(trial.HeldFrames))
        : trial.DelayTicks;

    /// <summary>Renditions that can be made in one run: chunks of the same number begin within half a second of each other.</summary>
    private static List<(IReadOnlyList<string> Renditions, int ChunkCount)> Groups(List<(string Id, SegmentTiming[] Timings, uint Timescale)> tables)
    {
        var groups = new List<(List<(string Id, SegmentTiming[] Timings, uint Timescale)> Tables, int Longest)>();
        foreach (var table in tables)
        {
            var fitting = groups.FindIndex(g => AreAligned(g.Tables[0], table));
            if (fitting < 0)
            {
                groups.Add(([table], table.Timings.Length));
                continue;
            }

            groups[fitting].Tables.Add(table);
            groups[fitting] = (groups[fitting].Tables, Math.Max(groups[fitting].Longest, table.Timings.Length));
        }

        return groups.ConvertAll(g => ((IReadOnlyList<string>)[.. g.Tables.Select(t => t.Id)], g.Longest));
    }

    private static bool AreAligned((string Id, SegmentTiming[] Timings, uint Timescale) a, (string Id, SegmentTiming[] Timings, uint Timescale) b) =>
        a.Timings.Zip(b.Timings).All(pair => Math.Abs(
            Ticks.ToSeconds(pair.First.StartTicks, a.Timescale) - Ticks.ToSeconds(pair.Second.StartTicks, b.Timescale)) < 0.5);

    private AudioGrid GridOf(AudioPlan plan, EncodedSound sound, long origin, SegmentTiming[] lead, uint leadScale)
    {
        var samples = Math.Max(1, (long)Math.Round(sound.EndSeconds * plan.SampleRate));
        var target = options.Transcode.ChunkSeconds;
        return lead.Length == 0
            ? AudioGrid.Alone(plan.SampleRate, samples, origin, target)
            : AudioGrid.Following(plan.SampleRate, samples, origin, target, lead, leadScale);
    }

    private (VideoPlan, VideoGrid?) PlanVideo(EncodeSource source, EncodedPicture picture, ref uint nextTrack)
    {
        var codec = options.Transcode.Codec;
        var encoder = VideoEncoders.NameOf(codec, options.Transcode.Encoder);
        var rate = picture.FrameRate.Reduced();
        var rungs = new List<Rung>();
        var sizes = Ladder.Sizes(picture.Width, picture.Height, options.Ladder, picture.IsOffered);
        foreach (var (width, height) in source.Manner.OneSize ? sizes.Take(1) : sizes)
        {
            rungs.Add(new Rung($"v{source.FirstVideo + source.CopiedVideos + rungs.Count}", nextTrack++, width, height,
                Ladder.Quality(codec), Ladder.MaxKilobits(width, height, codec)));
        }

        var framesPerChunk = Math.Max(1, (int)Math.Round(options.Transcode.ChunkSeconds * rate.Value));
        var phase = PhaseOf(picture.StartSeconds, rate.Value);
        var grid = source.Copied is null
            ? new VideoGrid(rate, Math.Max(1, (long)Math.Round((picture.EndSeconds - phase) * rate.Value)), framesPerChunk, source.OriginSeconds, phase)
            : null;
        return (new VideoPlan
        {
            Stream = picture.Stream,
            RateNumerator = rate.Numerator,
            RateDenominator = rate.Denominator,
            Follows = source.Copied?.Summary.Id,
            FrameTicks = (int)(grid?.FrameTicks ?? 0),
            ChunkFrames = grid is null ? 0 : framesPerChunk,
            PhaseTicks = grid?.PhaseTicks ?? 0,
            Timescale = grid?.Timescale ?? source.Copied!.Summary.Timescale,
            DelayTicks = 0,
            Deinterlace = picture.IsInterlaced,
            ToneMap = picture.IsHdr,
            BurnedSubtitle = picture.BurnedSubtitle,
            Color = picture.IsHdr ? new ColorTags("bt709", "bt709", "bt709") : picture.Color,
            Encoder = encoder,
            Preset = VideoEncoders.PresetOf(encoder, options.Transcode.Preset),
            Rungs = rungs,
        }, grid);
    }

    /// <summary>Where the frames of a picture that begins then lie between those of a grid from zero. Sound that is primed moves a
    /// picture so; without it, times that a container rounds would fall now before and now after the middle of two frames.</summary>
    private static double PhaseOf(double startSeconds, double rate)
    {
        var frames = startSeconds * rate;
        return Math.Max(0, frames - Math.Floor(frames + NearlyAFrame)) / rate;
    }

    private static AudioPlan PlanAudio(EncodedSound sound, string id, uint trackId)
    {
        var rate = sound.SampleRate is 32000 or 44100 or 48000 ? sound.SampleRate : 48000;
        return new AudioPlan(
            id, trackId, sound.Stream, rate, Math.Clamp(sound.Channels, 1, 2), sound.Channels == 1 ? AudioKilobits / 2 : AudioKilobits,
            sound.SampleRate, (long)Math.Round(sound.StartSeconds * sound.SampleRate), sound.PacketSamples);
    }

    private static void Write(Func<string, string> pathOf, string id, SegmentTiming[] timings, byte[] init, TrackSummary summary)
    {
        using var sink = new FileByteSink(pathOf(ObjectKey.Index(default, id).Name));
        CutTableIndex.Write(sink, timings, init, summary);
        sink.Complete();
    }

    private static TrackSummary Summary(
        Rung rung, EncodedPicture picture, SampleDescription track, SegmentTiming[] timings, uint timescale, long origin, bool isDefault) => new()
        {
            Id = rung.Id,
            Kind = TrackKind.Video,
            Codecs = track.Codecs,
            Timescale = timescale,
            SegmentCount = timings.Length,
            StartTicks = timings[0].StartTicks,
            EndTicks = timings[^1].StartTicks + timings[^1].DurationTicks,
            LongestSegmentTicks = timings.Max(t => t.DurationTicks),
            PeakBitsPerSecond = (long)(rung.MaxKilobits * 1000 * PeakAllowance),
            AverageBitsPerSecond = rung.MaxKilobits * 1000L,
            IsDefault = isDefault,
            IndependentSegments = true,
            CodedWidth = rung.Width,
            CodedHeight = rung.Height,
            DisplayWidth = rung.Width,
            DisplayHeight = rung.Height,
            FrameRate = picture.FrameRate,
            VideoRange = "SDR",
        };

    private static TrackSummary Summary(
        AudioPlan plan, EncodedSound sound, SampleDescription track, SegmentTiming[] timings, long origin, bool isDefault) => new()
        {
            Id = plan.Id,
            Kind = TrackKind.Audio,
            Codecs = track.Codecs,
            Timescale = (uint)plan.SampleRate,
            SegmentCount = timings.Length,
            StartTicks = origin * plan.SampleRate,
            EndTicks = timings[^1].StartTicks + timings[^1].DurationTicks,
            LongestSegmentTicks = timings.Max(t => t.DurationTicks),
            PeakBitsPerSecond = (long)(plan.Kilobits * 1000 * PeakAllowance),
            AverageBitsPerSecond = plan.Kilobits * 1000L,
            Language = sound.Language,
            Name = sound.Name,
            IsDefault = isDefault,
            IndependentSegments = true,
            ChannelCount = plan.Channels,
            SampleRate = plan.SampleRate,
        };

    private static string Words(Rung rung, TrackSummary summary) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{summary.Codecs} {rung.Width}x{rung.Height}, up to {rung.MaxKilobits / 1000.0:0.#} Mbit/s");
}
