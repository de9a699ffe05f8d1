using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.AnyFiles;

/// <summary>Files whose ladder is empty, or whose frames come so slowly or irregularly that an encoder which holds some back would be late,
/// with the configuration that is the default.</summary>
public sealed class PlansThatAreOddTests : IAsyncLifetime
{
    private const string Vfr = "-fps_mode vfr -c:v libx264 -preset ultrafast -bf 2 -g 60 -pix_fmt yuv420p";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-odd-");
    private SluiceServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SluiceServer.StartAsync(
        options: o => o.Transcode.Enabled = true,
        configure: b => b.Services.AddSingleton(TimeProvider.System),
        realPackager: true);

    // Every chunk of every rendition is made, no job fails, and the title says of nothing that it is missing.
    [Theory]
    [InlineData("small.mp4", "-f lavfi -i testsrc2=s=320x180:r=25:d=3 -f lavfi -i sine=440:d=3:r=48000 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac")]
    [InlineData("small-ac3.mp4", "-f lavfi -i testsrc2=s=320x180:r=25:d=3 -f lavfi -i sine=440:d=3:r=48000 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a ac3")]
    [InlineData("slow.avi", "-f lavfi -i testsrc2=s=320x180:r=1:d=8 -c:v mpeg4 -q:v 5")]
    [InlineData("vfr.mp4", "-f lavfi -i testsrc2=s=640x360:r=60:d=6 -vf select=lt(n\\,90)+not(mod(n\\,8)) " + Vfr)]
    [InlineData("gap.mp4", "-f lavfi -i testsrc2=s=640x360:r=25:d=7 -vf select=lt(t\\,2)+gt(t\\,4.5) " + Vfr)]
    public async Task They_play_and_what_goes_beside_is_made(string name, string arguments)
    {
        var path = Path.Combine(_folder.FullName, name);
        Ffmpeg.Make(arguments, path);
        using var answer = await _server.UploadFileAsync(path);
        var media = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;

        media.Text("state").ShouldBe("ready", media.ToString());
        media.GetProperty("reason").ValueKind.ShouldBe(JsonValueKind.Null);
        var jobs = await EndedAsync(AssetId.Parse(media.Text("id"), CultureInfo.InvariantCulture));
        jobs.ShouldNotBeEmpty();
        jobs.ShouldAllBe(j => j.State == JobState.Done && j.Reason == null, string.Join("; ", jobs.Select(j => $"{j.Kind} {j.State} {j.Reason}")));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<IReadOnlyList<Job>> EndedAsync(AssetId asset)
    {
        var catalog = _server.App.Services.GetRequiredService<IWorkCatalog>();
        IReadOnlyList<Job> jobs = [];
        (await Eventually.Holds(
            async () => (jobs = await catalog.ListJobsAsync(asset, null, 10, default)).All(j => j.FinishedAt is not null), 120)).ShouldBeTrue("a job goes on and on");
        return jobs;
    }
}
