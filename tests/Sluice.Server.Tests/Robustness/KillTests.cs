using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Robustness;

/// <summary>kill -9 at the worst moments leaves a catalog and a store that agree after the restart.</summary>
public sealed class KillTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-kill-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Killed_during_an_upload()
    {
        using (var server = await ServerProcess.StartAsync(_data))
        {
            await UploadAsync(server, await ClipAsync());
            using var body = new EndlessBody();
            var upload = server.Http.PostAsync("/api/v1/media", body.Form());
            Assert.True(await Eventually.Holds(() => Staged().Any(f => new FileInfo(f).Length > 1_000_000)));
            server.Kill();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload);
        }

        await AssertAgreementAsync(expectedTitles: 1);
    }

    [Fact]
    public async Task Killed_while_an_index_is_compiled()
    {
        var killed = 0;
        for (var round = 0; round < 3; round++)
        {
            using var server = await ServerProcess.StartAsync(_data);
            var upload = UploadAsync(server, await ManySamplesAsync());
            while (!upload.IsCompleted && !Staged().Any(f => f.EndsWith(".idx", StringComparison.Ordinal)))
            {
                await Task.Yield();
            }

            server.Kill();
            killed += await Record.ExceptionAsync(() => upload) is null ? 0 : 1;
            await AssertAgreementAsync(expectedTitles: round + 1 - killed);
        }

        Assert.True(killed > 0, "No round was killed before its answer: the file is too small to hit the moment.");
    }

    [Fact]
    public async Task Killed_at_any_moment_of_many_uploads()
    {
        var clip = await ClipAsync();
        var answered = 0;
        for (var round = 0; round < 4; round++)
        {
            using var server = await ServerProcess.StartAsync(_data);
            var clock = Stopwatch.StartNew();
            var moment = TimeSpan.FromMilliseconds(150 + (round * 67));
            var uploads = Task.Run(async () =>
            {
                while (true)
                {
                    await UploadAsync(server, clip);
                    Interlocked.Increment(ref answered);
                }
            });
            while (clock.Elapsed < moment || answered == 0)
            {
                await Task.Yield();
            }

            server.Kill();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => uploads);
        }

        // What was answered is kept; what was not may be there or not, but whole.
        await AssertAgreementAsync(expectedTitles: null, atLeast: answered);
    }

    private async Task AssertAgreementAsync(int? expectedTitles, int atLeast = 0)
    {
        using var server = await ServerProcess.StartAsync(_data);
        var library = await server.LibraryAsync();
        var stored = Directory.EnumerateDirectories(Path.Combine(_data, "media")).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(library.Order(StringComparer.Ordinal), stored);
        Assert.Empty(Staged());
        Assert.True(library.Count >= atLeast, $"{library.Count} titles, but {atLeast} were acknowledged");
        if (expectedTitles is { } expected)
        {
            Assert.Equal(expected, library.Count);
        }

        foreach (var id in library)
        {
            Assert.Equal(HttpStatusCode.OK, await LastSegmentAsync(server, id));
        }
    }

    private static async Task<HttpStatusCode> LastSegmentAsync(ServerProcess server, string id)
    {
        using var minted = await server.Http.PostAsync($"/api/v1/media/{id}/tokens", null);
        using var json = JsonDocument.Parse(await minted.Content.ReadAsStringAsync());
        var master = new Uri(json.RootElement.GetProperty("hls").GetString()!);
        var media = new Uri(master, LastUri(await server.Http.GetStringAsync(master)));
        using var segment = await server.Http.GetAsync(new Uri(media, LastUri(await server.Http.GetStringAsync(media))));
        await segment.Content.ReadAsByteArrayAsync();
        return segment.StatusCode;
    }

    private static string LastUri(string playlist) => playlist.Split('\n').Last(line => line.Length > 0 && line[0] != '#').Trim();

    private IEnumerable<string> Staged()
    {
        var stage = Path.Combine(_data, "stage");
        return Directory.Exists(stage) ? Directory.EnumerateFiles(stage, "*", SearchOption.AllDirectories) : [];
    }

    private static async Task UploadAsync(ServerProcess server, string file)
    {
        await using var stream = File.OpenRead(file);
        using var form = new MultipartFormDataContent { { new StreamContent(stream), "media", "clip.mp4" } };
        using var answer = await server.Http.PostAsync("/api/v1/media", form);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private Task<string> ClipAsync() => MakeAsync("clip.mp4", "-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=440 -t 8 -c:v libx264 -preset ultrafast -c:a aac");

    /// <summary>Six hours of silence, a minute of it encoded and repeated: nearly a million samples in a few megabytes.</summary>
    private async Task<string> ManySamplesAsync()
    {
        var minute = await MakeAsync("minute.m4a", "-f lavfi -i anullsrc=r=48000:cl=mono -t 60 -c:a aac -b:a 8k");
        return await MakeAsync("many.mp4", $"-stream_loop 359 -i {minute} -c copy");
    }

    private async Task<string> MakeAsync(string name, string arguments)
    {
        var path = Path.Combine(_data, name);
        if (!File.Exists(path))
        {
            Sluice.Tests.Tool.Require("ffmpeg");
            using var process = Process.Start("ffmpeg", $"-nostdin -v error -y {arguments} {path}");
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }

        return path;
    }

    /// <summary>An upload that goes on until it is cut.</summary>
    private sealed class EndlessBody : IDisposable
    {
        private readonly MultipartFormDataContent _form = new() { { new StreamContent(new Zeros()), "media", "endless.mp4" } };

        public MultipartFormDataContent Form() => _form;

        public void Dispose() => _form.Dispose();

        private sealed class Zeros : Stream
        {
            public override bool CanRead => true;

            public override bool CanSeek => false;

            public override bool CanWrite => false;

            public override long Length => throw new NotSupportedException();

            public override long Position
            {
                get => throw new NotSupportedException();
                set => throw new NotSupportedException();
            }

            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                await Task.Delay(5, cancellationToken);
                return buffer.Length;
            }

            public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override void Flush()
            {
            }

            public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

            public override void SetLength(long value) => throw new NotSupportedException();

            public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        }
    }
}
