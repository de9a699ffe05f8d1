using System.Net;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Ingest;

/// <summary>Uploads to a disk that is really full.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task A_disk_that_fills_up_is_said_and_nothing_stays()
    {
        await using var disk = await MountedDisk.MountAsync(8);
        await using var server = await SluiceServer.StartAsync(options => options.Storage.ReserveBytes = 0, data: disk.Folder);

        // The length is not announced, so that the first check cannot know.
        using var form = new MultipartFormDataContent { { new EndlessContent(30_000_000), "media", "big.mp4" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/media") { Content = form };
        request.Headers.TransferEncodingChunked = true;
        using var response = await server.Http.SendAsync(request);

        var problem = await response.ShouldBeProblemAsync(507, "disk-full");
        problem.Text("hint").ShouldContain("nothing was kept of any other");
        server.StoredFiles().ShouldBe([]);
        (await server.UploadAsync(SluiceServer.Playable)).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_upload_in_pieces_keeps_what_came_and_goes_on_when_there_is_room()
    {
        await using var disk = await MountedDisk.MountAsync(12);
        await using var server = await SluiceServer.StartAsync(options => options.Storage.ReserveBytes = 0, data: disk.Folder);
        var tus = new TusCalls(server.Http);
        var file = TusCalls.File(5_000_000);
        var path = await tus.NewAsync(file.Length);
        disk.Take(7_500_000);

        using var full = await tus.PatchAsync(path, 0, file);
        (await full.ShouldBeProblemAsync(507, "disk-full")).Text("detail").ShouldContain("kept");
        using var refused = await tus.CreateAsync(5_000_000);
        await refused.ShouldBeProblemAsync(507, "disk-full");

        disk.GiveBack();
        var offset = await tus.OffsetAsync(path);
        using var rest = await tus.PatchAsync(path, offset, file[(int)offset..]);
        rest.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await File.ReadAllBytesAsync(Path.Combine(disk.Folder, "media", TusCalls.IdOf(path), "source"))).ShouldBe(file);
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
