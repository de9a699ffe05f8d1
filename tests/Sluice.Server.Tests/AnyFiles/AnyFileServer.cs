using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.AnyFiles;

/// <summary>What came of one file.</summary>
/// <param name="Media">The API's view of it, when it was playable.</param>
/// <param name="Viewing">What a viewer gets.</param>
/// <param name="Source">What is seen and heard in the file itself, from the title's zero.</param>
/// <param name="Played">What is seen and heard of ours, likewise.</param>
/// <param name="Origin">Whole seconds at which ours begins.</param>
/// <param name="Mpd">The MPD.</param>
internal sealed record Visit(JsonElement Media, Viewing Viewing, Marks Source, Marks Played, double Origin, string Mpd);

/// <summary>One server for all samples. Each is made, uploaded and watched once; some at the same time, as on a real server.</summary>
public sealed class AnyFileServer : IAsyncLifetime
{
    /// <summary>A 320x180 picture that is white for a fifth of a second at 1 s and at 5 s.</summary>
    private const string Picture = "-f lavfi -i testsrc2=s=320x180:r=RATE:d=8,drawbox=c=white:t=fill:enable=between(mod(t\\,4)\\,1\\,1.2)";

    /// <summary>A beep at the same times over a low hum.</summary>
    private const string Sound = "-f lavfi -i aevalsrc=0.4*sin(2*PI*1000*t)*between(mod(t\\,4)\\,1\\,1.2)+0.02*sin(2*PI*300*t):s=48000:d=8:c=stereo";

    private const int AtOnce = 3;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-any-");
    private readonly ConcurrentDictionary<string, Lazy<Task<Visit>>> _visits = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<string>> _files = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(AtOnce);
    private readonly CancellationTokenSource _end = new();

    public SluiceServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await SluiceServer.StartAsync(
        options: o =>
        {
            o.Transcode.Enabled = true;
            o.Transcode.LadderForCopied = false; // It would encode what no row looks at.
            o.Ladder = [180, 90];
        },
        configure: b => b.Services.AddSingleton(TimeProvider.System),
        realPackager: true);

    /// <summary>What came of a sample; those after it are begun too.</summary>
    internal Task<Visit> VisitAsync(Sample sample)
    {
        var place = Samples.All.ToList().IndexOf(sample);
        foreach (var next in Samples.All.Skip(place).Take(AtOnce).Reverse())
        {
            _ = Begin(next);
        }

        return Begin(sample);
    }

    /// <summary>What a viewer gets of a title that was uploaded by another door.</summary>
    internal async Task<Viewing> WatchAsync(Uri master, string name) =>
        await new HlsViewer(Server.Http, _folder.CreateSubdirectory(name).FullName).ReadAsync(master, _end.Token);

    /// <summary>Path of a sample, made when it is first asked for.</summary>
    internal string FileOf(Sample sample) => _files.GetOrAdd(sample.FileName, _ => new Lazy<string>(() =>
    {
        var path = Path.Combine(_folder.FullName, sample.FileName);
        Ffmpeg.Make(sample.Recipe
            .Replace("{V}", Picture.Replace("RATE", "25", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("{V50}", Picture.Replace("RATE", "50", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("{V24}", Picture.Replace("RATE", "24000/1001", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("{A}", Sound, StringComparison.Ordinal), path);
        if (sample.Then is { } again)
        {
            var first = Path.Combine(_folder.FullName, "first-" + sample.FileName);
            File.Move(path, first);
            Ffmpeg.Make($"-i {first} {again}", path);
        }

        if (sample.Part < 1)
        {
            using var file = File.OpenWrite(path);
            file.SetLength((long)(file.Length * sample.Part));
        }

        return path;
    })).Value;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_visits.Values.Select(v => v.Value).Select(t => t.ContinueWith(_ => { }, TaskScheduler.Default)));
        await Server.DisposeAsync();
        _gate.Dispose();
        _end.Dispose();
        _folder.Delete(recursive: true);
    }

    private Task<Visit> Begin(Sample sample) =>
        _visits.GetOrAdd(sample.FileName, _ => new Lazy<Task<Visit>>(() => Task.Run(() => VisitOnceAsync(sample)))).Value;

    private async Task<Visit> VisitOnceAsync(Sample sample)
    {
        await _gate.WaitAsync(_end.Token);
        try
        {
            var file = FileOf(sample);
            var media = await UploadAsync(file);
            var playback = media.GetProperty("playback");
            var viewing = await WatchAsync(new Uri(playback.Text("hls")), sample.FileName + "-seen");
            var played = Marks.OfTracks(viewing.Video, viewing.Audio);
            var starts = played.FrameTimes.Take(1).Concat(viewing.Audio is null ? [] : [played.SoundStart]);
            var origin = Math.Round(starts.Min());
            var source = Marks.OfSource(file, sample.Video is not null, sample.Audio.Length > 0);
            return new Visit(
                media, viewing, source.From(sample.CountsFromStart ? StartOf(file) : 0), played.From(origin), origin,
                await Server.Http.GetStringAsync(playback.Text("dash"), _end.Token));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Uploads a file and answers when it is playable.</summary>
    private async Task<JsonElement> UploadAsync(string file)
    {
        using var answer = await Server.UploadFileAsync(file);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(_end.Token));
        var media = await answer.JsonAsync();
        if (media.Text("state") == "ready")
        {
            return media;
        }

        var id = media.Text("id");
        await Eventually.Holds(async () =>
        {
            media = await Server.Http.GetFromJsonAsync<JsonElement>($"/api/v1/media/{id}", _end.Token);
            return media.Text("state") is not "processing";
        });
        media.Text("state").ShouldBe("ready", $"{media.GetProperty("reason")}");
        using var token = await Server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens", json: "{}");
        token.StatusCode.ShouldBe(HttpStatusCode.Created);
        var link = new Uri((await token.JsonAsync()).Text("hls"));
        return await Server.Http.GetFromJsonAsync<JsonElement>($"/api/v1/media/{id}{link.Query}", _end.Token);
    }

    /// <summary>Zero when the container has no times at all, as WAV.</summary>
    private static double StartOf(string file) => double.TryParse(
        Ffmpeg.TryProbe("-show_entries format=start_time -of csv=p=0", file)[0], CultureInfo.InvariantCulture, out var start) ? start : 0;
}
