using System.Diagnostics;
using Sluice.Bench.Encoded;

namespace Sluice.Bench.Killed;

/// <summary>A server that is killed again and again while it encodes one title, and what is found after each kill.</summary>
internal sealed class Ordeal(Workshop workshop, string data, IEnumerable<(string, string)> settings)
{
    private readonly List<string> _complaints = [];
    private readonly HashSet<(string, int)> _seen = [];
    private SluiceServer? _server;
    private PublishedChunks? _before;
    private Title? _title;
    private long _gone;

    /// <summary>Where the server is; null while there is none.</summary>
    public Uri? Address { get; private set; }

    /// <summary>The viewer of the title.</summary>
    public RestlessViewer Viewer { get; private set; } = new([]);

    /// <summary>What was published and then made again, changed or lost.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>Chunks found published after some kill.</summary>
    public int ChunksSeen => _seen.Count;

    /// <summary>Chunks found that were stand-ins.</summary>
    public int Placeholders { get; private set; }

    /// <summary>Encoders that were there after their time.</summary>
    public int Orphans { get; private set; }

    /// <summary>The longest that an encoder was seen after its server's death.</summary>
    public TimeSpan LongestOrphan { get; private set; }

    /// <summary>Starts the server and uploads the film.</summary>
    public async Task BeginAsync(string film)
    {
        await StartAsync();
        _title = await _server!.PublishAsync(film);
        using var viewer = new Bench.Viewer();
        Viewer = new RestlessViewer([.. (await viewer.OpenAsync(_title.Hls)).Select(l => (IReadOnlyList<string>)[.. l.Segments.Select(s => s.PathAndQuery)])]);
    }

    /// <summary>How far the job is.</summary>
    public Task<(string State, double Progress, string? Reason)> JobAsync() => _server!.JobAsync(_title!.Id);

    /// <summary>Waits until so many more chunks than now were stored, or none was for ten seconds.</summary>
    public async Task WaitForChunksAsync(int more)
    {
        var (first, last, since) = (Stored(), Stored(), Stopwatch.GetTimestamp());
        while (last.Except(first, StringComparer.Ordinal).Count() < more && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10))
        {
            await Task.Delay(10);
            last = Stored();
        }
    }

    /// <summary>SIGKILL to one encoder at random; false when none runs.</summary>
    public bool KillEncoder()
    {
        var running = ProcessFacts.Running("ffmpeg", data);
        if (running.Count == 0)
        {
            return false;
        }

        try
        {
            using var encoder = Process.GetProcessById(running[Random.Shared.Next(running.Count)]);
            encoder.Kill();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false; // It ended by itself just now.
        }
    }

    /// <summary>SIGKILL to the server; looks at what it left, and starts it again.</summary>
    public async Task KillServerAsync(TimeSpan orphanLimit)
    {
        Address = null;
        await _server!.KillAsync();
        _gone = Stopwatch.GetTimestamp();
        while (ProcessFacts.Running(data).Count > 0 && Stopwatch.GetElapsedTime(_gone) < orphanLimit)
        {
            LongestOrphan = TimeSpan.FromTicks(Math.Max(LongestOrphan.Ticks, Stopwatch.GetElapsedTime(_gone).Ticks));
        }

        Orphans += ProcessFacts.Running(data).Count;
        await _server.DisposeAsync();
        await LookAsync();
        await StartAsync();
    }

    /// <summary>Waits until the job is done.</summary>
    public Task FinishAsync() => _server!.JobDoneAsync(_title!.Id);

    /// <summary>Reads everything once more, stops the server, and says what is wrong with the whole.</summary>
    public async Task<(IReadOnlyList<string> Faults, string Summary)> EndAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        using var viewer = new Bench.Viewer();
        var title = _title! with { Hls = new Uri(Address!, _title.Hls.PathAndQuery) };
        using (var http = new HttpClient())
        {
            foreach (var path in (await viewer.OpenAsync(title.Hls)).SelectMany(l => l.Segments).Select(s => s.PathAndQuery))
            {
                await Viewer.FetchAsync(http, Address!, path, CancellationToken.None);
            }
        }

        var faults = new List<string>();
        var counts = new List<string>();
        foreach (var (id, path) in await Rendered.ReadAsync(viewer, title, folder))
        {
            counts.Add($"{id}: {(await Packets.ReadAsync(path, id[0] + ":0")).Times.Length}");
            try
            {
                await Tool.RunAsync("ffmpeg", ["-nostdin", "-v", "error", "-xerror", "-i", path, "-f", "null", "-"]);
            }
            catch (InvalidOperationException e)
            {
                faults.Add($"{id} does not decode: {e.Message}");
            }
        }

        await _server!.DisposeAsync();
        await LookAsync();
        faults.AddRange(Stored().Select(name => $"{name} was left"));
        faults.AddRange(Directory.EnumerateFileSystemEntries(Path.Combine(data, "stage")).Select(name => $"{Path.GetFileName(name)} was left in the stage"));
        return (faults, string.Join(", ", counts) + " packets");
    }

    private async Task StartAsync()
    {
        _server = await SluiceServer.StartAsync(workshop, data, settings);
        Address = _server.Http.BaseAddress;
    }

    private async Task LookAsync()
    {
        var now = await PublishedChunks.ReadAsync(data, _title!.Id);
        _complaints.AddRange(now.Torn().Select(name => $"{name} is torn"));
        _complaints.AddRange(_before?.Undone(now) ?? []);
        _seen.UnionWith(now.Rows.Keys);
        Placeholders += now.Rows.Values.Count(r => r.IsPlaceholder && _before?.Rows.ContainsKey((r.Rendition, r.Number)) != true);
        _before = now;
    }

    private List<string> Stored() => [.. Directory.EnumerateFiles(Path.Combine(data, "media", _title!.Id), "*.m4s").Select(p => Path.GetFileName(p))];
}
