using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Bench.Cluster;

/// <summary>What has become of everything when all is done: titles, chunks, objects, queues.</summary>
internal sealed partial class ClusterLedger(ClusterServices services, ClusterCatalog catalog, ClusterLibrary library)
{
    /// <summary>What killed nodes left goes with sweeps of those that live.</summary>
    private static readonly TimeSpan SweepLimit = TimeSpan.FromSeconds(90);

    private const string Prefix = "sluice/";

    /// <summary>Titles that are done, and work that is not.</summary>
    public async Task<(long Ready, long Open)> ProgressAsync()
    {
        var row = (await catalog.ReadAsync(
            "SELECT (SELECT count(*) FROM assets WHERE state = 'ready'), (SELECT count(*) FROM jobs WHERE finished_at IS NULL)")).Single().Split(' ');
        return (long.Parse(row[0], CultureInfo.InvariantCulture), long.Parse(row[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Titles that are not as they should be.</summary>
    public async Task<IReadOnlyList<string>> TitlesAsync()
    {
        var rows = await catalog.ReadAsync("SELECT id, file_name, state, coalesce(reason, '') FROM assets");
        var faults = rows.Where(row => row.Split(' ')[2] != "ready").ToList();
        faults.AddRange(rows.GroupBy(row => row.Split(' ')[1]).Where(name => name.Count() > 1).Select(name => $"{name.Key} is there {name.Count()} times"));
        faults.AddRange(library.Titles.Where(title => rows.All(row => row.Split(' ')[0] != title.Id)).Select(title => $"{title.Name} is gone"));
        faults.AddRange(await catalog.ReadAsync("SELECT asset, kind, state, reason FROM jobs WHERE state <> 'done'"));
        return faults;
    }

    /// <summary>Chunks that were published, and what is wrong with that: twice, not at all, or a stand-in.</summary>
    public async Task<(long Published, IReadOnlyList<string> Faults)> ChunksAsync()
    {
        var faults = await catalog.ReadAsync("SELECT asset, rendition, number, count(*) FROM bench_published GROUP BY 1, 2, 3 HAVING count(*) > 1");
        faults.AddRange(await catalog.ReadAsync("SELECT asset, rendition, number, 'stand-in' FROM bench_published WHERE is_placeholder <> 0"));
        faults.AddRange(await catalog.ReadAsync(
            """
            WITH made AS (SELECT asset, count(DISTINCT (rendition, number)) AS chunks FROM bench_published GROUP BY asset)
            SELECT a.id, coalesce(chunks, 0), 'chunks, others have', (SELECT max(chunks) FROM made)
            FROM assets a LEFT JOIN made ON made.asset = a.id WHERE coalesce(chunks, 0) <> (SELECT max(chunks) FROM made)
            """));
        return (await catalog.CountAsync("SELECT count(*) FROM bench_published"), faults);
    }

    /// <summary>Waits until the bucket holds what the catalog names, and nothing else.</summary>
    /// <returns>What is too much or missing in the end, and how long it took.</returns>
    public async Task<(int Objects, IReadOnlyList<string> Faults, TimeSpan Took)> BucketAsync(CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var objects = await services.Bucket.ListAsync();
            var named = await NamedAsync();
            string[] faults =
            [
                .. objects.Where(name => !named.Contains(name)).Select(name => "left: " + name),
                .. named.Except(objects, StringComparer.Ordinal).Select(name => "missing: " + name),
            ];
            if (faults.Length == 0 || Stopwatch.GetElapsedTime(began) > SweepLimit)
            {
                return (objects.Count, faults, Stopwatch.GetElapsedTime(began));
            }

            await Task.Delay(TimeSpan.FromSeconds(5), ct);
        }
    }

    /// <summary>Rows of work and of leases that stayed.</summary>
    public Task<List<string>> RowsAsync() => catalog.ReadAsync(
        """
        SELECT 'chunk', asset, rendition, number FROM chunks UNION ALL
        SELECT 'task', asset, kind, id FROM tasks WHERE state IN ('queued', 'running') UNION ALL
        SELECT 'hold', name, owner, 0 FROM holds UNION ALL
        SELECT 'upload', id, coalesce(asset, ''), 0 FROM uploads UNION ALL
        SELECT 'owned', id, state, 0 FROM assets WHERE owner IS NOT NULL
        """);

    /// <summary>Messages that stayed.</summary>
    public async Task<IReadOnlyList<string>> QueuesAsync() =>
        [.. (await services.Broker.DepthsAsync()).Where(queue => queue.Value > 0).Select(queue => $"{queue.Key}: {queue.Value}")];

    /// <summary>Plays every title from every api node, frame by frame.</summary>
    /// <returns>What did not play whole.</returns>
    public async Task<IReadOnlyList<string>> PlayAsync(IReadOnlyList<Uri> nodes, int seconds, CancellationToken ct)
    {
        var faults = new List<string>();
        await Parallel.ForEachAsync(
            from title in library.Titles from node in nodes select (title, node),
            new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = ct },
            async (play, _) =>
            {
                string said;
                try
                {
                    said = await Tool.RunAsync("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=codec_type,nb_read_frames", "-of", "csv=p=0", new Uri(play.node, play.title.Hls).AbsoluteUri]);
                }
                catch (InvalidOperationException e)
                {
                    said = e.Message;
                }

                // Packets of sound are 1024 samples at 48 kHz; the encoder's delay may be one or two of them.
                var counts = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(',')).Where(words => words.Length >= 2)
                    .GroupBy(words => words[0]).ToDictionary(kind => kind.Key, kind => kind.Select(words => words[1]).Distinct().ToArray(), StringComparer.Ordinal);
                var isWhole = counts.GetValueOrDefault("video") is { Length: 1 } video && video[0] == $"{seconds * ClusterFilms.FrameRate}"
                    && counts.GetValueOrDefault("audio") is { Length: 1 } audio && Math.Abs(int.Parse(audio[0], CultureInfo.InvariantCulture) - (seconds * 48000 / 1024)) <= 3;
                if (!isWhole)
                {
                    lock (faults)
                    {
                        faults.Add($"{play.title.Name} ({play.title.Id}) at {play.node.Host}: {WithoutTokens().Replace(said.ReplaceLineEndings(" "), "")}");
                    }
                }
            });
        return faults;
    }

    [GeneratedRegex(@"\?token=[\w.-]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WithoutTokens();

    /// <summary>Names of the objects that rows speak of.</summary>
    private async Task<HashSet<string>> NamedAsync()
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in await catalog.ReadAsync(
            """
            SELECT id, (SELECT coalesce(string_agg(r->>'id', ','), '') FROM json_array_elements(renditions::json) r), coalesce((extras::json->'storyboard'->>'sheetCount')::integer, 0),
              coalesce((extras::json->>'hasPoster')::boolean, false)
            FROM assets WHERE state <> 'arriving'
            """))
        {
            var (id, renditions, sheets, poster) = row.Split(' ') is [var a, var b, var c, var d] ? (a, b.Split(','), int.Parse(c, CultureInfo.InvariantCulture), d) : default;
            named.UnionWith([.. ((string[])
            [
                ".committed", "source", "plan.json", .. renditions.SelectMany(r => (string[])[r + ".idx", r + ".dat"]), .. sheets > 0 ? ["storyboard.json"] : (string[])[],
                .. Enumerable.Range(1, sheets).Select(sheet => $"storyboard-{sheet}.jpg"), .. poster == "True" ? ["poster.jpg"] : (string[])[],
            ]).Select(name => $"{Prefix}media/{id}/{name}")]);
        }

        named.UnionWith((await catalog.ReadAsync("SELECT asset, rendition, number, maker FROM chunks")).Select(row => row.Split(' '))
            .Select(chunk => $"{Prefix}media/{chunk[0]}/chunks/{chunk[1]}-{chunk[2]}.{chunk[3]}.m4s"));
        return named;
    }
}
