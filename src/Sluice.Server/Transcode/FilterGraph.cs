using System.Globalization;
using System.Text;

namespace Sluice.Server.Transcode;

/// <summary>
/// The filters of a run, as one graph: decode once, put every frame on the grid, cut, and only then do the dear work.
/// <code>
///   picture ─ deinterlace ─ fps ─ hold the last frame ─ trim ─ tone map ─ subtitles over it ─ split ─ scale ×N
///   sound ─── exact times ─ resample ─ stereo ─ silence after the end ─ trim
/// </code>
/// Only numbers and names that the server made go into it.
/// </summary>
internal static class FilterGraph
{
    /// <summary>Makes high dynamic range fit for any screen: BT.709, at most as bright as white.</summary>
    public const string ToneMap =
        "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv";

    /// <summary>The graph; its outputs are <c>[v0]…</c> in the order of the rungs and <c>[a0]…</c> in that of the sounds.</summary>
    public static string Write(VideoPlan? plan, RunSpan run)
    {
        var graph = new StringBuilder();
        if (plan is not null && run.Video is { } video)
        {
            WriteVideo(graph, plan, video);
        }

        for (var i = 0; i < run.Audio.Count; i++)
        {
            WriteAudio(graph, run.Audio[i], i);
        }

        return graph.ToString().TrimEnd(';');
    }

    /// <summary>A graph without inputs that makes as many black frames and as much silence.</summary>
    public static string WritePlaceholder(VideoPlan? plan, RunSpan run, int frameCount)
    {
        var graph = new StringBuilder();
        if (plan is not null && run.Video is { } video)
        {
            var largest = video.Rungs[0];
            Add(graph, $"color=c=black:s={largest.Width}x{largest.Height}:r={plan.RateNumerator}/{plan.RateDenominator},trim=end_frame={frameCount},");
            WriteRungs(graph, plan, video);
        }

        for (var i = 0; i < run.Audio.Count; i++)
        {
            var audio = run.Audio[i];
            var layout = audio.Plan.Channels == 1 ? "mono" : "stereo";
            Add(graph, $"anullsrc=r={audio.Plan.SampleRate}:cl={layout},atrim=end_sample={audio.EndSample - audio.FirstSample}[a{i}];");
        }

        return graph.ToString().TrimEnd(';');
    }

    private static void WriteVideo(StringBuilder graph, VideoPlan plan, VideoSpan video)
    {
        Add(graph, $"[0:{plan.Stream}]");
        graph.Append(plan.Deinterlace ? "bwdif=mode=send_frame:deint=interlaced," : "");
        if (plan.Follows is null)
        {
            // Frames that the source lacks at its start are shown from the first on; at its end the last one stays.
            var start = video.Cuts[0] == 0 ? ":start_time=0" : "";
            if (plan.PhaseTicks > 0)
            {
                Add(graph, $"setpts=round(PTS-{plan.PhaseTicks}/{plan.Timescale}/TB),");
            }

            Add(graph, $"fps=fps={plan.RateNumerator}/{plan.RateDenominator}{start},tpad=stop=-1:stop_mode=clone,");
        }

        Add(graph, $"trim=start_pts={video.Cuts[0]}:end_pts={video.Cuts[^1]},");
        if (plan.ToneMap || plan.BurnedSubtitle is not null)
        {
            // At the largest size that is made: the curve costs more than all else.
            Add(graph, $"scale={video.Rungs[0].Width}:{video.Rungs[0].Height}:flags=bicubic,");
            graph.Append(plan.ToneMap ? ToneMap + "," : "");
        }

        if (plan.BurnedSubtitle is { } subtitle)
        {
            WriteSubtitle(graph, plan, video.Rungs[0], subtitle);
        }

        WriteRungs(graph, plan, video);
    }

    /// <summary>The canvas of the subtitles, whatever its size, is that of the whole picture. White stays white: it comes after tone mapping.</summary>
    private static void WriteSubtitle(StringBuilder graph, VideoPlan plan, Rung size, int subtitle)
    {
        Add(graph, $"format=yuv420p[picture];[0:{subtitle}]");
        if (plan.PhaseTicks > 0)
        {
            Add(graph, $"setpts=PTS-{plan.PhaseTicks}/{plan.Timescale}/TB,");
        }

        Add(graph, $"scale={size.Width}:{size.Height}:flags=bicubic[subtitle];[picture][subtitle]overlay=eof_action=pass:format=auto,");
    }

    private static void WriteRungs(StringBuilder graph, VideoPlan plan, VideoSpan video)
    {
        Add(graph, $"split={video.Rungs.Count}");
        for (var i = 0; i < video.Rungs.Count; i++)
        {
            Add(graph, $"[s{i}]");
        }

        graph.Append(';');
        for (var i = 0; i < video.Rungs.Count; i++)
        {
            var rung = video.Rungs[i];
            Add(graph, $"[s{i}]scale={rung.Width}:{rung.Height}:flags=bicubic,setsar=1,format=yuv420p,setparams=range=tv{Tags(plan.Color)}{VideoEncoders.Upload(plan)}[v{i}];");
        }
    }

    /// <summary>Said of every frame, so that all runs have the same decoder configuration.</summary>
    private static string Tags(ColorTags color) =>
        (color.Primaries is { } primaries ? $":color_primaries={primaries}" : "")
        + (color.Transfer is { } transfer ? $":color_trc={transfer}" : "")
        + (color.Matrix is { } matrix ? $":colorspace={matrix}" : "");

    private static void WriteAudio(StringBuilder graph, AudioSpan audio, int output)
    {
        var plan = audio.Plan;
        Add(graph, $"[0:{plan.Stream}]asettb=1/{plan.SourceRate},");
        if (plan.SourceFrame > 0)
        {
            // Containers round times to milliseconds. A packet that lies within one of where its number puts it belongs there;
            // else each run would begin some samples off, and click.
            var (frame, slack) = (plan.SourceFrame, (plan.SourceRate / 1000) + 1);
            var exact = string.Create(CultureInfo.InvariantCulture, $"round((PTS-{plan.SourceStart})/{frame})*{frame}+{plan.SourceStart}");
            Add(graph, $"asetpts='if(lte(abs(PTS-({exact})),{slack}),{exact},PTS)',");
        }

        var start = audio.FirstSample == 0 ? ":first_pts=0" : "";
        var layout = plan.Channels == 1 ? "mono" : "stereo";
        Add(graph, $"aresample={plan.SampleRate}:async=1{start},aformat=channel_layouts={layout},asettb=1/{plan.SampleRate},");
        Add(graph, $"apad,atrim=start_pts={audio.FirstSample}:end_pts={audio.EndSample}[a{output}];");
    }

    private static void Add(StringBuilder graph, FormattableString text) => graph.Append(text.ToString(CultureInfo.InvariantCulture));
}
