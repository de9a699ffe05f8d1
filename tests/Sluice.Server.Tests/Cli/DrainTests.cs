using System.Net;
using System.Net.Sockets;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary>SIGTERM while somebody is being served.</summary>
public sealed class DrainTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-drain-");

    [Fact]
    public async Task A_request_that_runs_is_answered_and_one_without_end_is_cut()
    {
        var clip = Path.Combine(_folder.FullName, "clip.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:r=10 -t 2 -c:v libx264 -preset ultrafast", clip);
        var data = _folder.CreateSubdirectory("data").FullName;
        await using var server = SluiceProcess.Start(
            ["serve", "--port", "0", "--data", data], new() { ["SLUICE__TRANSCODE__LADDERFORCOPIED"] = "false" });
        var url = new Uri(await server.UrlAsync(data));
        using var http = new HttpClient { BaseAddress = url, Timeout = Eventually.Patience };
        using var endless = await http.GetAsync("/api/v1/jobs/events", HttpCompletionOption.ResponseHeadersRead);
        endless.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var slow = new SlowContent(await File.ReadAllBytesAsync(clip));
        using var form = new MultipartFormDataContent { { slow, "media", "clip.mp4" } };
        var answer = http.PostAsync("/api/v1/media", form);
        await slow.IsHalfway.WaitAsync(Eventually.Patience);
        (await Eventually.Holds(() => Directory.EnumerateFiles(Path.Combine(data, "stage"), "*", SearchOption.AllDirectories).Any())).ShouldBeTrue();

        await server.SignalAsync("TERM");
        (await Eventually.Holds(() => RefusesAsync(url))).ShouldBeTrue("nobody new is let in");
        slow.GoOn();

        using var created = await answer;
        created.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await server.ExitAsync()).ShouldBe(0);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<bool> RefusesAsync(Uri url)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(url.Host, url.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>A file of which the second half comes when it may.</summary>
    private sealed class SlowContent(byte[] bytes) : HttpContent
    {
        private readonly TaskCompletionSource _halfway = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsHalfway => _halfway.Task;

        public void GoOn() => _goOn.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            _halfway.SetResult();
            await _goOn.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
