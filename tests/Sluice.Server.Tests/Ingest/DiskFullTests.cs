using System.Diagnostics;
using System.Net;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Ingest;

/// <summary>A real disk that is really full: a RAM disk of 8 MB, which only root can mount.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task A_disk_that_fills_up_is_said_and_nothing_stays()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root can mount a small disk.");
        var disk = Directory.CreateTempSubdirectory("sluice-disk-").FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk) == 0, "This machine allows no mount.");
        try
        {
            await using var server = await SluiceServer.StartAsync(options => options.Storage.ReserveBytes = 0, data: disk);

            // The length is not announced, so that the first check cannot know.
            using var form = new MultipartFormDataContent { { new EndlessContent(30_000_000), "media", "big.mp4" } };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/media") { Content = form };
            request.Headers.TransferEncodingChunked = true;
            using var response = await server.Http.SendAsync(request);

            var problem = await response.ShouldBeProblemAsync(507, "disk-full");
            problem.Text("hint").ShouldContain("nothing of this upload was kept");
            server.StoredFiles().ShouldBe([]);
            (await server.UploadAsync(SluiceServer.Playable)).StatusCode.ShouldBe(HttpStatusCode.Created);
        }
        finally
        {
            (await RunAsync("umount", disk)).ShouldBe(0);
            Directory.Delete(disk);
        }
    }

    [Fact]
    public async Task An_upload_in_pieces_keeps_what_came_and_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root can mount a small disk.");
        var disk = Directory.CreateTempSubdirectory("sluice-disk-").FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk) == 0, "This machine allows no mount.");
        try
        {
            await using var server = await SluiceServer.StartAsync(options => options.Storage.ReserveBytes = 0, data: disk);
            var tus = new TusCalls(server.Http);
            var file = TusCalls.File(5_000_000);
            var path = await tus.NewAsync(file.Length);
            await File.WriteAllBytesAsync(Path.Combine(disk, "somebody's"), new byte[7_500_000]);

            using var full = await tus.PatchAsync(path, 0, file);
            (await full.ShouldBeProblemAsync(507, "disk-full")).Text("detail").ShouldContain("kept");
            using var refused = await tus.CreateAsync(5_000_000);
            await refused.ShouldBeProblemAsync(507, "disk-full");

            File.Delete(Path.Combine(disk, "somebody's"));
            var offset = await tus.OffsetAsync(path);
            using var rest = await tus.PatchAsync(path, offset, file[(int)offset..]);
            rest.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            (await File.ReadAllBytesAsync(Path.Combine(disk, "media", TusCalls.IdOf(path), "source"))).ShouldBe(file);
        }
        finally
        {
            (await RunAsync("umount", disk)).ShouldBe(0);
            Directory.Delete(disk);
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Bytes without an announced length.</summary>
    private sealed class EndlessContent(int length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var block = new byte[100_000];
            for (var sent = 0; sent < length; sent += block.Length)
            {
                await stream.WriteAsync(block);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
