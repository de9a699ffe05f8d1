using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Publishing;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>Publishing into a bucket of a real S3 server.</summary>
[Collection(nameof(Swift))]
public sealed class BucketTargetTests(Swift swift, Clip clip) : IClassFixture<Clip>, IDisposable
{
    /// <summary>By the client of the storage, in one attempt.</summary>
    private const int MoreThanAreTriedAgain = 4;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-bucket-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_tree_in_a_bucket_is_that_of_a_folder_and_is_removed_whole()
    {
        var s3 = swift.Options();
        var target = $"s3://{Swift.Bucket}/{s3.Prefix}films/";
        (await SluiceProcess.RunAsync(["package", clip.Path, "--to", _folder.FullName])).Code.ShouldBe(0);

        var run = await SluiceProcess.RunAsync(["package", clip.Path, "--to", target], Variables(s3));

        run.Code.ShouldBe(0, run.Errors);
        using var bucket = S3Setup.BucketOf(s3, Swift.Connector, TimeProvider.System);
        var files = Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories);
        files.Length.ShouldBeGreaterThan(5);
        foreach (var file in files)
        {
            var name = Path.GetRelativePath(_folder.FullName, file);
            (await bucket.ReadWholeAsync($"{s3.Prefix}films/{name}", 1 << 30, default)).ShouldBe(await File.ReadAllBytesAsync(file), name);
        }

        (await swift.NamesAsync(s3.Prefix)).Count.ShouldBe(files.Length);
        (await TypeAsync(s3, "films/master.m3u8")).ShouldBe("application/vnd.apple.mpegurl");
        (await TypeAsync(s3, "films/manifest.mpd")).ShouldBe("application/dash+xml");
        (await TypeAsync(s3, "films/v0/1.m4s")).ShouldBe("video/mp4");

        var removed = await SluiceProcess.RunAsync(["unpublish", target], Variables(s3));
        removed.Code.ShouldBe(0, removed.Errors);
        (await swift.NamesAsync(s3.Prefix)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("wrong", Swift.Bucket, "look at storage.s3.accessKey and secretKey")]
    [InlineData(null, "no-such-bucket", "no such bucket")]
    public async Task A_bucket_that_cannot_be_written_is_told_with_what_to_do(string? secret, string bucket, string words)
    {
        var s3 = swift.Options();
        s3.SecretKey = secret ?? s3.SecretKey;
        var run = await SluiceProcess.RunAsync(["package", clip.Path, "--to", $"s3://{bucket}/films"], Variables(s3));
        run.Code.ShouldBe(1);
        run.Errors.ShouldContain(words);
        run.Errors.ShouldNotContain("fault of Sluice");
    }

    [Fact]
    public async Task A_bucket_that_fails_in_the_middle_lists_nothing_that_is_not_there_and_is_gone_on_with()
    {
        await using var faulty = await FaultyS3.StartAsync(swift.Url);
        var s3 = swift.Options(faulty.Url);
        await using var server = await StartAsync(s3);
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        var (faults, wasListed) = (0, false);
        faulty.WriteFaultOf = path =>
        {
            if (!path.EndsWith("/v0/2.m4s", StringComparison.Ordinal) || Interlocked.Increment(ref faults) > MoreThanAreTriedAgain)
            {
                return Fault.None;
            }

            wasListed |= faulty.Asked.Any(line => line.Contains("master.m3u8", StringComparison.Ordinal));
            return Fault.Error;
        };

        using var asked = await server.AskAsync(id);
        (await Eventually.Holds(async () => (await server.ListAsync(id))[0].GetProperty("reason").GetString() is not null)).ShouldBeTrue();
        server.Server.Clock.Advance(TimeSpan.FromMinutes(1)); // It is tried again after a pause.
        await server.StateAsync(id, "published");

        (faults, wasListed).ShouldBe((MoreThanAreTriedAgain + 1, false));
        (await swift.NamesAsync(s3.Prefix)).ShouldContain(name => name.EndsWith("/master.m3u8", StringComparison.Ordinal));
        await server.UnpublishAsync(id);
        (await swift.NamesAsync(s3.Prefix)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public async Task Files_of_which_the_bucket_says_that_it_has_no_record_are_not_forgotten(int times)
    {
        await using var faulty = await FaultyS3.StartAsync(swift.Url);
        var s3 = swift.Options(faulty.Url);
        await using var server = await StartAsync(s3);
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        await server.PublishAsync(id);
        var files = await swift.NamesAsync(s3.Prefix);
        var left = times;
        faulty.IsAbsent = path => path.EndsWith(CmafTree.Record, StringComparison.Ordinal) && Interlocked.Decrement(ref left) >= 0;

        using var asked = await server.Http.DeleteAsync($"/api/v1/media/{id}/publish?target=web");
        if (times > 1)
        {
            (await Eventually.Holds(async () => (await server.ListAsync(id))[0].GetProperty("reason").GetString() is not null)).ShouldBeTrue();
            (await server.ListAsync(id))[0].Text("reason").ShouldContain("has no record");
            (await swift.NamesAsync(s3.Prefix)).ShouldBe(files, ignoreOrder: true);
            Volatile.Write(ref left, 0);
        }

        (await Eventually.Holds(async () =>
        {
            server.Server.Clock.Advance(TimeSpan.FromMinutes(1)); // Attempts have pauses between them.
            return (await server.ListAsync(id)).Length == 0;
        })).ShouldBeTrue();
        (await swift.NamesAsync(s3.Prefix)).ShouldBeEmpty();
    }

    /// <summary>The target's pauses are real ones: the time of such a server stands still.</summary>
    private static Task<PublishingServer> StartAsync(S3Options s3) => PublishingServer.StartAsync(
        options: o =>
        {
            (o.Storage.S3.Endpoint, o.Storage.S3.AccessKey, o.Storage.S3.SecretKey) = (s3.Endpoint, s3.AccessKey, s3.SecretKey);
            o.Publish.Targets = new Dictionary<string, string> { ["web"] = $"s3://{Swift.Bucket}/{s3.Prefix}" };
        },
        configure: b => b.Services.AddSingleton(services => RemotePlaces.ForCommand(services.GetRequiredService<SluiceOptions>())));

    private static Dictionary<string, string> Variables(S3Options s3) => new()
    {
        ["SLUICE__STORAGE__S3__ENDPOINT"] = s3.Endpoint!,
        ["SLUICE__STORAGE__S3__ACCESSKEY"] = s3.AccessKey!,
        ["SLUICE__STORAGE__S3__SECRETKEY"] = s3.SecretKey!,
    };

    private static async Task<string> TypeAsync(S3Options s3, string name)
    {
        using var client = S3Client.Create(s3, Swift.Bucket, Swift.Connector);
        return (await client.GetObjectMetadataAsync(Swift.Bucket, s3.Prefix + name)).Headers.ContentType;
    }
}
