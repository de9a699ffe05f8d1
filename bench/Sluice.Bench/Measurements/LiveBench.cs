using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Live;

namespace Sluice.Bench.Measurements;

/// <summary>One upstream for any number of viewers, beside streamlink on the same origin in the same run.</summary>
internal static class LiveBench
{
    private const int Joins = 7;
    private const int Crowd = 200;
    private const int Many = 10;
    private const int GapRounds = 3;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CpuWindow = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CrowdWindow = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan GapWindow = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StillTime = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        report.Text($"Beside {await Streamlink.VersionAsync()} of Debian. The origin is part of the bench: a playlist that moves on by the clock, "
            + "segments of 2 s, the same for everybody.");
        await FirstByteAsync(workshop, report);
        await CostAsync(workshop, report);
        await CrowdAsync(workshop, report);
    }

    /// <summary>From the request to the first byte, when nobody else watches; each segment takes 1 s to come.</summary>
    private static async Task FirstByteAsync(Workshop workshop, Report report)
    {
        await using var origin = new LiveOrigin(await LiveFilm.MakeAsync(workshop, 2, 3)) { Shape = TimeSpan.FromSeconds(1) };
        await using var sluice = await ChannelsServer.StartAsync(workshop, origin.Playlist, Joins);
        var (ours, served, piped) = (new List<double>(), new List<double>(), new List<double>());
        for (var n = 0; n < Joins; n++)
        {
            ours.Add(await FirstByteAsync(sluice.Channel(n)));
            var (server, address) = await Streamlink.ServeAsync(origin.Playlist);
            using (server)
            {
                served.Add(await FirstByteAsync(address));
                await ProcessFacts.StopAsync(server);
            }

            var began = Stopwatch.GetTimestamp();
            using var pipe = Streamlink.Pipe(origin.Playlist);
            await pipe.StandardOutput.BaseStream.ReadExactlyAsync(new byte[188]);
            piped.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            await ProcessFacts.StopAsync(pipe);
        }

        report.Bar("first byte of a channel that nobody watched ≤ 0.1 s", ours.Median() <= 0.1, Seconds(ours.Median()));
        report.Bar("streamlink needs ≥ 1 s for the same", served.Median() >= 1, Seconds(served.Median()));
        report.Text($"First byte, {Joins} times each, one after the other; segments take 1 s to come. What streamlink pipes is measured from the start of "
            + "its process, Python included; what it serves, from the request, when it runs already.");
        report.Table(["first byte", "median", "fastest", "slowest"],
        [
            ["Sluice", Seconds(ours.Median()), Seconds(ours.Min()), Seconds(ours.Max())],
            ["streamlink --player-external-http", Seconds(served.Median()), Seconds(served.Min()), Seconds(served.Max())],
            ["streamlink --stdout", Seconds(piped.Median()), Seconds(piped.Min()), Seconds(piped.Max())],
        ]);
    }

    private static async Task<double> FirstByteAsync(Uri address)
    {
        using var viewer = new TsViewer();
        await viewer.WatchAsync(address, CancellationToken.None, mostBytes: 1);
        return viewer.FirstByte.TotalSeconds;
    }

    /// <summary>All at the same time, with one viewer for each channel.</summary>
    private static async Task CostAsync(Workshop workshop, Report report)
    {
        var film = await LiveFilm.MakeAsync(workshop, 2, 20);
        await using var contest = await LiveContest.StartAsync(workshop, film, Many);
        Tell($"{Many} channels", await contest.MeasureAsync(WarmUp, CpuWindow));
        await contest.KeepAsync(1);
        Tell("one channel", await contest.MeasureAsync(Settling, CpuWindow));
        report.Text($"Channels of 20 Mbit/s, and all who serve them at the same time; {Many} channels for {CpuWindow.TotalSeconds:F0} s after {WarmUp.TotalSeconds:F0} s "
            + $"that are not measured, and then one of them for as long after {Settling.TotalSeconds:F0} s. Of Sluice one server has all channels; of streamlink each has a "
            + "process, in either way, and the bar is against the cheaper. The last line is the least that there can be: a process that takes bytes from the "
            + "origin's connection and puts them into the viewer's, 64 KB at a time, and does nothing else.");

        void Tell(string what, IReadOnlyDictionary<string, (double SecondsPerGigabyte, long Bytes)> costs)
        {
            var theirs = Math.Min(costs[LiveContest.Served].SecondsPerGigabyte, costs[LiveContest.Piped].SecondsPerGigabyte);
            var ratio = costs[LiveContest.Sluice].SecondsPerGigabyte / theirs;
            report.Bar($"{what}: CPU per GB ≤ 0.25 × streamlink's", ratio <= 0.25, $"{ratio.ToString("F2", CultureInfo.InvariantCulture)} ×");
            report.Table([$"{what}, a viewer each", "CPU s/GB", "received"], LiveContest.Rows(costs));
        }
    }

    /// <summary>Many viewers of one channel, and one of them who stops reading.</summary>
    private static async Task CrowdAsync(Workshop workshop, Report report)
    {
        // As encoders send it: nearly all of the time.
        await using var origin = new LiveOrigin(await LiveFilm.MakeAsync(workshop, 2, 3)) { Shape = TimeSpan.FromSeconds(1.9) };
        await using var sluice = await ChannelsServer.StartAsync(workshop, origin.Playlist);
        using var stop = new CancellationTokenSource();
        var viewers = Enumerable.Range(0, Crowd).Select(_ => new TsViewer()).ToList();
        var watching = viewers.Select(v => v.WatchAsync(sluice.Channel(0), stop.Token)).ToList();
        await Task.Delay(CrowdWindow, CancellationToken.None);
        var memory = ProcessFacts.PeakBytes(sluice.Pid);
        var (cpu, sent) = (ProcessFacts.CpuSeconds(sluice.Pid), viewers.Sum(static v => v.Bytes));
        var (alone, beside) = (new List<double>(), new List<double>());
        for (var round = 0; round < GapRounds; round++)
        {
            alone.AddRange(await GapsAsync(viewers));
            using var still = new StillViewer(sluice.Channel(0));
            await Task.Delay(StillTime, CancellationToken.None); // Until what lies between it and the server is full.
            beside.AddRange(await GapsAsync(viewers));
        }

        sent = viewers.Sum(static v => v.Bytes) - sent;
        cpu = ProcessFacts.CpuSeconds(sluice.Pid) - cpu;
        await stop.CancelAsync();
        await Task.WhenAll(watching);

        var (before, after) = (P99(alone), P99(beside));
        var twice = origin.Asked.Values.Count(static times => times > 1);
        var jumps = viewers.Max(static v => v.Jumps) - viewers.Min(static v => v.Jumps);
        report.Bar($"{Crowd} viewers: every segment is asked of the upstream once", twice == 0, $"{origin.Asked.Count} segments, {twice} twice");
        report.Bar($"{Crowd} viewers: RSS ≤ 150 MB, at its highest", memory <= 150e6, $"{memory / 1e6:F0} MB");
        report.Bar("nobody falls behind the log", jumps == 0, $"{jumps} skips");
        report.Bar("p99 of the pauses of others, without and with one who stops reading, within 10 %", after <= before * 1.1, $"{before:F0} ms, {after:F0} ms");
        report.Text($"{Crowd} viewers of one channel of 3 Mbit/s, of which the origin sends a segment of 2 s in 1.9 s; {CrowdWindow.TotalSeconds:F0} s, and then the "
            + $"pauses between two reads of all of them, {GapRounds} times in turn for {GapWindow.TotalSeconds:F0} s without and for as long beside one who has stopped reading: "
            + $"{(alone.Count + beside.Count) / 1000} thousand pauses. Meanwhile {sent / 1e9:F1} GB were sent, for {(cpu / (sent / 1e9)).ToString("F2", CultureInfo.InvariantCulture)} s "
            + $"of processor time each. The bench's own {Crowd} readers share the machine.");
        viewers.ForEach(static v => v.Dispose());
    }

    private static async Task<List<double>> GapsAsync(List<TsViewer> viewers)
    {
        viewers.ForEach(static v => v.Forget());
        await Task.Delay(GapWindow, CancellationToken.None);
        var gaps = new List<double>();
        foreach (var viewer in viewers)
        {
            lock (viewer.Gaps)
            {
                gaps.AddRange(viewer.Gaps);
            }
        }

        return gaps;
    }

    private static double P99(List<double> values)
    {
        values.Sort();
        return values[values.Count * 99 / 100];
    }

    private static string Seconds(double value) => value.ToString("F3", CultureInfo.InvariantCulture) + " s";
}
