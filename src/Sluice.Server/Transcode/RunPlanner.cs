namespace Sluice.Server.Transcode;

/// <summary>Which chunks one encoder process makes, in the terms of the plan.</summary>
/// <param name="Plan">The title's plan.</param>
/// <param name="Tables">Cut tables by rendition.</param>
/// <param name="FramesOf">Presentation times of the frames of a chunk, for a picture that follows a copied track.</param>
internal sealed class RunPlanner(
    EncodePlan plan, IReadOnlyDictionary<string, RenditionTable> tables, Func<int, long[]>? framesOf)
{
    private readonly EncodePlan _plan = plan;

    /// <summary>The run that makes chunks <paramref name="first"/> to before <paramref name="end"/> of these renditions.</summary>
    public RunSpan Span(IReadOnlyCollection<string> renditions, int first, int end)
    {
        var rungs = _plan.Video?.Rungs.Where(r => renditions.Contains(r.Id) && first <= tables[r.Id].Count).ToList() ?? [];
        var video = rungs.Count == 0 ? null : new VideoSpan(rungs, Cuts(tables[rungs[0].Id], first, end, VideoUnit, VideoOrigin));
        var audio = _plan.Audio.Where(a => renditions.Contains(a.Id) && first <= tables[a.Id].Count)
            .Select(a => new AudioSpan(a, Cuts(tables[a.Id], first, end, AudioSpan.PacketSamples, _plan.OriginSeconds * a.SampleRate)))
            .ToList();
        var starts = audio.Select(a => a.FirstSample / (double)a.Plan.SampleRate).ToList();
        var ends = audio.Select(a => a.EndSample / (double)a.Plan.SampleRate).ToList();
        if (video is not null)
        {
            starts.Add(Seconds(video.Cuts[0]));
            ends.Add(Seconds(video.Cuts[^1]));
        }

        return new RunSpan(video, audio, starts.Min(), ends.Max());
    }

    /// <summary>An assembler for each output of the run, in the order of its tracks.</summary>
    public IReadOnlyList<ChunkAssembler> Assemblers(RunSpan run, int first, int end) =>
    [
        .. run.Video?.Rungs.Select(r => new ChunkAssembler(new AssemblyOrder(
            tables[r.Id], r.TrackId, first, Math.Min(end, tables[r.Id].Count + 1), 0, n => VideoTimes(tables[r.Id], n), _plan.Video!.DelayTicks))) ?? [],
        .. run.Audio.Select(a => new ChunkAssembler(new AssemblyOrder(
            tables[a.Plan.Id], a.Plan.TrackId, first, Math.Min(end, tables[a.Plan.Id].Count + 1), a.Dropped, n => AudioTimes(tables[a.Plan.Id], n), 0))),
    ];

    private int VideoUnit => _plan.Video is { FrameTicks: > 0 and var ticks } ? ticks : 1;

    private long VideoOrigin => (_plan.OriginSeconds * _plan.Video!.Timescale) + _plan.Video.PhaseTicks;

    private double Seconds(long cut) => ((cut * (double)VideoUnit) + _plan.Video!.PhaseTicks) / _plan.Video.Timescale;

    /// <summary>Starts of the chunks and the end of the last, from the title's zero, in units of so many ticks.</summary>
    private static long[] Cuts(RenditionTable table, int first, int end, int unit, long origin)
    {
        var last = Math.Min(end - 1, table.Count);
        var cuts = new long[last - first + 2];
        for (var n = first; n <= last; n++)
        {
            var timing = table.Timings[n - 1];
            cuts[n - first] = (timing.StartTicks - origin) / unit;
            cuts[n - first + 1] = (timing.StartTicks + timing.DurationTicks - origin) / unit;
        }

        return cuts;
    }

    private long[] VideoTimes(RenditionTable table, int number) =>
        framesOf is not null ? framesOf(number) : Steps(table, number, VideoUnit);

    private static long[] AudioTimes(RenditionTable table, int number) => Steps(table, number, AudioSpan.PacketSamples);

    private static long[] Steps(RenditionTable table, int number, int unit)
    {
        var timing = table.Timings[number - 1];
        var times = new long[timing.DurationTicks / unit];
        for (var i = 0; i < times.Length; i++)
        {
            times[i] = timing.StartTicks + ((long)i * unit);
        }

        return times;
    }
}
