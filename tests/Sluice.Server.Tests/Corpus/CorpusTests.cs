using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Corpus;

/// <summary>
/// All real files of the corpus go through the front door. Each is played, that is to say our HLS and our DASH, read back
/// by ffprobe, give the source's packets; or it is refused or marked, with a true reason.
/// </summary>
public sealed class CorpusTests
{
    /// <summary>ffprobe cannot read these sources itself, so there is nothing to compare with.</summary>
    private static readonly string[] UnreadableByOracle = ["media__sample_malformed_free_box.mp4"];

    /// <summary>Sources whose container lies about sync samples: what we say of them is the bitstream's truth.</summary>
    private static readonly string[] LyingSyncSamples = ["media__sample_without_stss.mp4"];

    /// <summary>Sources in fragments with negative composition offsets, to which ffprobe 5 adds the largest of them: it
    /// shows their pictures too late. Packets are compared all the same, lip sync with the sound is not.</summary>
    private static readonly string[] MisreadByOracle = ["mediabunny__rotate-buck-bunny.mp4"];

    /// <summary>What this server adds to the verdict of a file that needs encoding: here it is about what needs none.</summary>
    private const string SwitchedOff = "; encoding is switched off (transcode.enabled)";

    /// <summary>What takes longer hangs, also on a machine that has other things to do.</summary>
    private static readonly TimeSpan LongestVerdict = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_file_is_played_exactly_or_refused_with_its_reason()
    {
        var files = global::Sluice.Tests.Corpus.Movies();
        Tool.Require("ffprobe");
        await using var server = await SluiceServer.StartAsync(realPackager: true);
        var verdicts = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var faults = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (file, ct) =>
        {
            var name = Path.GetFileName(file);
            var clock = Stopwatch.StartNew();
            using var answer = await server.UploadFileAsync(file);
            if (clock.Elapsed > LongestVerdict)
            {
                faults.Add($"{name}: took {clock.Elapsed}");
            }

            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(ct));
            verdicts[name] = VerdictOn(json.RootElement);
            await foreach (var fault in FaultsIn(server, file, json.RootElement))
            {
                faults.Add($"{name}: {fault}");
            }
        });

        Assert.True(faults.IsEmpty, string.Join('\n', faults.Order(StringComparer.Ordinal)));
        Assert.Equal(124, verdicts.Count);
        var table = new StringBuilder();
        foreach (var (name, verdict) in verdicts.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            table.Append(name).Append('\t').Append(verdict).Append('\n');
        }

        Golden.Match("corpus-verdicts.tsv", table.ToString());
    }

    private static string VerdictOn(JsonElement answer)
    {
        if (!answer.TryGetProperty("state", out var state))
        {
            return $"refused\t{answer.GetProperty("detail").GetString()}";
        }

        var tracks = answer.GetProperty("tracks").EnumerateArray().Select(t =>
            $"{t.GetProperty("action").GetString()} {t.GetProperty("kind").GetString()} {t.GetProperty("description").GetString()}");
        return $"{state.GetString()}\t{answer.GetProperty("reason").GetString()?.Replace(SwitchedOff, "", StringComparison.Ordinal)}\t{string.Join("; ", tracks)}";
    }

    private static async IAsyncEnumerable<string> FaultsIn(SluiceServer server, string file, JsonElement answer)
    {
        var name = Path.GetFileName(file);
        if (!answer.TryGetProperty("state", out var state) || state.GetString() != "ready" || UnreadableByOracle.Contains(name))
        {
            yield break;
        }

        var source = await PacketStream.ReadAsync(file);
        foreach (var format in (string[])["hls", "dash"])
        {
            var url = answer.GetProperty("playback").GetProperty(format).GetString()!;
            PacketStream[] ours = [.. await PacketStream.ReadAsync(url, "v"), .. await PacketStream.ReadAsync(url, "a")];
            var offsets = new List<double>();
            foreach (var (track, sourceStream, ourStream) in Pair(answer, source, ours))
            {
                if (ourStream is null)
                {
                    yield return $"{format} {track}: not offered";
                    continue;
                }

                var differences = PacketComparison.Differences(sourceStream, ourStream, out var offset).ToList();
                differences.RemoveAll(d => d.StartsWith("key flag", StringComparison.Ordinal) && LyingSyncSamples.Contains(name));
                foreach (var difference in differences)
                {
                    yield return $"{format} {track}: {difference}";
                }

                if (offset is { } seconds)
                {
                    offsets.Add(seconds);
                }
            }

            if (offsets.Count > 0 && !MisreadByOracle.Contains(name) && offsets.Max() - offsets.Min() > 0.0001)
            {
                yield return $"{format}: tracks are shifted against each other: {string.Join(", ", offsets)} s";
            }
        }
    }

    private static IEnumerable<(string Track, PacketStream Source, PacketStream? Ours)> Pair(
        JsonElement answer, IReadOnlyList<PacketStream> source, IReadOnlyList<PacketStream> ours)
    {
        foreach (var kind in (string[])["video", "audio"])
        {
            var sources = source.Where(s => s.Kind == kind).ToList();
            var offered = ours.Where(s => s.Kind == kind).ToList();
            var tracks = answer.GetProperty("tracks").EnumerateArray().Where(t => t.GetProperty("kind").GetString() == kind).ToList();
            var next = 0;
            for (var i = 0; i < tracks.Count && i < sources.Count; i++)
            {
                if (tracks[i].GetProperty("action").GetString() == "copy")
                {
                    yield return (tracks[i].GetProperty("id").GetString()!, sources[i], offered.ElementAtOrDefault(next++));
                }
            }
        }
    }
}
