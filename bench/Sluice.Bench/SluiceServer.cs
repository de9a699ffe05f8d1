using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Sluice.Bench;

/// <summary>The published program, serving on loopback from a data folder of its own.</summary>
internal sealed class SluiceServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private SluiceServer(Process process, Uri address, TimeSpan startTime)
    {
        _process = process;
        StartTime = startTime;
        Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
    }

    /// <summary>From the start of the process to the first successful answer of <c>/health</c>.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>A client of it.</summary>
    public HttpClient Http { get; }

    /// <summary>Its process.</summary>
    public int Pid => _process.Id;

    /// <summary>Starts it and waits until it is healthy.</summary>
    /// <param name="workshop">Where the program is.</param>
    /// <param name="dataFolder">Its data folder.</param>
    /// <param name="settings">Configuration other than the default, as environment variables.</param>
    /// <param name="arguments">Further arguments of <c>serve</c>.</param>
    /// <param name="port">Where it listens; null is a free port.</param>
    public static async Task<SluiceServer> StartAsync(
        Workshop workshop, string dataFolder, IEnumerable<(string Name, string Value)>? settings = null, IEnumerable<string>? arguments = null,
        int? port = null)
    {
        var listensOn = port ?? FreePort();
        var address = new Uri($"http://127.0.0.1:{listensOn}/");
        var began = Stopwatch.GetTimestamp();
        var process = Tool.Start(workshop.Program,
            ["serve", "--data", dataFolder, "--port", listensOn.ToString(CultureInfo.InvariantCulture), .. arguments ?? []], settings);
        var said = new ConcurrentQueue<string>();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!await IsHealthyAsync(listensOn))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > StartLimit)
            {
                throw new InvalidOperationException(
                    $"The server does not start; {(process.HasExited ? $"it ended with {process.ExitCode}" : "it still runs")}. {string.Join('\n', said.TakeLast(20))}");
            }

            await Task.Delay(1);
        }

        return new SluiceServer(process, address, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Publishes a file; see <see cref="Upload"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="whenSent">Called when the last byte is out.</param>
    public async Task<Title> PublishAsync(string path, Action? whenSent = null)
    {
        using var upload = new Upload(path, whenSent);
        using var answer = await Http.PostAsync("api/v1/media", upload);
        var answeredAt = Stopwatch.GetTimestamp();
        var json = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode != HttpStatusCode.Created)
        {
            throw new InvalidOperationException($"The upload was answered with {answer.StatusCode}: {json}");
        }

        using var document = JsonDocument.Parse(json);
        var playback = document.RootElement.GetProperty("playback");
        return new Title(
            document.RootElement.GetProperty("id").GetString()!,
            new Uri(playback.GetProperty("hls").GetString()!),
            upload.Took,
            upload.SizeBytes,
            upload.LastByteAt,
            Stopwatch.GetElapsedTime(upload.LastByteAt, answeredAt));
    }

    /// <summary>The job that encodes a title, as the API shows it; what is made beside the title has jobs of its own.</summary>
    public async Task<(string State, double Progress, string? Reason)> JobAsync(string asset)
    {
        using var document = JsonDocument.Parse(await Http.GetStringAsync("api/v1/jobs?limit=100"));
        var job = document.RootElement.GetProperty("items").EnumerateArray().First(
            j => j.GetProperty("asset").GetString() == asset && j.GetProperty("kind").GetString() == "encode");
        return (job.GetProperty("state").GetString()!, job.GetProperty("progress").GetDouble(), job.GetProperty("reason").GetString());
    }

    /// <summary>Waits until the title is encoded.</summary>
    public async Task JobDoneAsync(string asset)
    {
        while (await JobAsync(asset) is var job && job.State != "done")
        {
            if (job.State is "failed" or "cancelled")
            {
                throw new InvalidOperationException($"The job is {job.State}: {job.Reason}");
            }

            await Task.Delay(TimeSpan.FromSeconds(0.25)); // What is made beside begins then.
        }
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_process.HasExited)
        {
            _process.Dispose();
            return;
        }

        await ProcessFacts.StopAsync(_process);
        _process.Dispose();
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // A bare socket: HttpClient's own first use would be half of what is measured.
    private static async Task<bool> IsHealthyAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray());
            var head = new byte[12];
            var length = 0;
            while (length < head.Length && await socket.ReceiveAsync(head.AsMemory(length)) is > 0 and var read)
            {
                length += read;
            }

            return head.AsSpan(0, length).EndsWith(" 200"u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>A published file.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Hls">Multivariant playlist, with the token.</param>
/// <param name="UploadTime">First byte of the body to the last.</param>
/// <param name="SizeBytes">Size of the file.</param>
/// <param name="LastByteAt">When the kernel took the last byte of the body (<see cref="Stopwatch"/> ticks).</param>
/// <param name="AnswerAfter">From then to the 201.</param>
internal sealed record Title(string Id, Uri Hls, TimeSpan UploadTime, long SizeBytes, long LastByteAt, TimeSpan AnswerAfter);
