using Sluice.Bench;
using Sluice.Bench.Live;
using Sluice.Bench.Measurements;

if (args is [BareRelay.Command, var playlist])
{
    BareRelay.Run(new Uri(playlist));
}

var measurements = new Dictionary<string, Func<Workshop, Report, Task>>(StringComparer.Ordinal)
{
    ["start"] = StartBench.RunAsync,
    ["publish"] = PublishBench.RunAsync,
    ["uploads"] = UploadsBench.RunAsync,
    ["arriving"] = ArrivingBench.RunAsync,
    ["long"] = LongBench.RunAsync,
    ["segments"] = SegmentsBench.RunAsync,
    ["stores"] = StoresBench.RunAsync,
    ["playlists"] = PlaylistsBench.RunAsync,
    ["playable"] = PlayableBench.RunAsync,
    ["sessions"] = SessionsBench.RunAsync,
    ["rooms"] = RoomsBench.RunAsync,
    ["live"] = LiveBench.RunAsync,
    ["live-valid"] = LiveValidBench.RunAsync,
    ["live-endurance"] = LiveEnduranceBench.RunAsync,
    ["cluster"] = ClusterBench.RunAsync,
    ["cluster-workers"] = ClusterWorkersBench.RunAsync,
    ["catalog"] = CatalogBench.RunAsync,
    ["queue"] = QueueBench.RunAsync,
    ["encode-cost"] = EncodeCostBench.RunAsync,
    ["encode-exact"] = EncodeExactBench.RunAsync,
    ["encode-kill"] = EncodeKillBench.RunAsync,
};

if (args.FirstOrDefault(name => !measurements.ContainsKey(name)) is { } unknown)
{
    await Console.Error.WriteLineAsync($"bench: there is no '{unknown}'; there are {string.Join(", ", measurements.Keys)}.");
    return 2;
}

using var workshop = new Workshop();
var missed = 0;
foreach (var name in args.Length > 0 ? args : [.. measurements.Keys])
{
    await Console.Error.WriteLineAsync($"bench: {name}");
    // What encodes in the background would be measured along with everything else.
    Environment.SetEnvironmentVariable("SLUICE__TRANSCODE__LADDERFORCOPIED", "false");
    var report = new Report(name);
    await measurements[name](workshop, report);
    var path = Path.Combine(workshop.Results, name + ".md");
    await File.WriteAllTextAsync(path, report.ToMarkdown());
    await Console.Out.WriteLineAsync(report.ToMarkdown());
    missed += report.Missed;
}

return missed == 0 ? 0 : 1;
