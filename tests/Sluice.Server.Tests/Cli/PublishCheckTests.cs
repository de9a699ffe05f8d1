using Shouldly;
using Sluice.Server.Cli;
using Sluice.Server.Hosting;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Store.S3;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary><c>sluice doctor</c> and the places that titles are published to: each failure comes with what to do.</summary>
[Collection(nameof(Swift))]
public sealed class PublishCheckTests(Swift swift) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-check-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Nothing_is_said_where_nothing_is_configured() => (await PublishCheck.OfAsync(new SluiceOptions(), default)).ShouldBeEmpty();

    [Fact]
    public async Task A_folder_that_takes_files_is_left_as_it_was()
    {
        var found = await OfAsync(_folder.FullName);
        (found.Severity, found.Subject).ShouldBe((Severity.Ok, "publish.web"));
        _folder.EnumerateFileSystemInfos().ShouldBeEmpty();

        (await OfAsync(Path.Combine(_folder.FullName, "made"))).Severity.ShouldBe(Severity.Ok);
        _folder.EnumerateFileSystemInfos().ShouldBeEmpty("what it made for the trial is gone");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_told()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "in the way");
        var found = await OfAsync(Path.Combine(file, "films"));
        (found.Severity, found.Fix).ShouldBe((Severity.Fail, "Look whether something else is in its place, and try again"));
    }

    [Fact]
    public async Task A_bucket_is_written_read_and_cleaned_up()
    {
        var options = Of($"s3://{Swift.Bucket}/check");
        await using var wire = await FaultyS3.StartAsync(swift.Url);
        using var behind = S3Setup.BucketOf(swift.Options(), Swift.Connector, TimeProvider.System);
        wire.KeepConditions(behind);
        options.Storage.S3.Endpoint = wire.Url.GetLeftPart(UriPartial.Authority);
        var found = (await PublishCheck.OfAsync(options, default)).ShouldHaveSingleItem();
        found.Severity.ShouldBe(Severity.Ok, found.ToString());
        (await swift.NamesAsync("check")).ShouldBeEmpty();

        options.Storage.S3.SecretKey = "wrong";
        var refused = (await PublishCheck.OfAsync(options, default)).ShouldHaveSingleItem();
        refused.Severity.ShouldBe(Severity.Fail);
        refused.Detail.ShouldContain("storage.s3.accessKey");
        refused.Fix.ShouldNotBeNull();
        refused.ToString().ShouldNotContain("wrong");

        options.Storage.S3.SecretKey = null;
        (await PublishCheck.OfAsync(options, default)).ShouldHaveSingleItem().Detail.ShouldContain("needs accessKey and secretKey");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bucket_that_keeps_no_conditions_of_writes_is_told_with_what_that_costs(bool saysSo)
    {
        var options = Of($"s3://{Swift.Bucket}/check");
        await using var wire = await FaultyS3.StartAsync(swift.Url);
        if (saysSo)
        {
            wire.WriteFaultOf = _ => Fault.NoConditions;
        }

        options.Storage.S3.Endpoint = wire.Url.GetLeftPart(UriPartial.Authority);
        var found = (await PublishCheck.OfAsync(options, default)).ShouldHaveSingleItem();

        found.Severity.ShouldBe(Severity.Warn, "Swift knows If-None-Match only");
        found.Detail.ShouldContain("missing from the list");
        found.Fix.ShouldNotBeNull().ShouldContain("one server or command at a time");
        (await swift.NamesAsync("check")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_is_written_and_says_what_stays()
    {
        await using var node = await KvNode.StartAsync();
        var options = Of("pipekv://" + node.Url.Authority);
        node.Configure(options);

        var found = (await PublishCheck.OfAsync(options, default)).ShouldHaveSingleItem();
        found.Severity.ShouldBe(Severity.Ok, found.ToString());
        found.Detail.ShouldContain("stays");

        node.Statuses.Enqueue(403);
        (await PublishCheck.OfAsync(options, default)).ShouldHaveSingleItem().Fix.ShouldNotBeNull().ShouldContain("X_SERVICE_KEY");

        options.Pipekv.Pin = null;
        var untrusted = (await PublishCheck.OfAsync(options, default)).ShouldHaveSingleItem();
        (untrusted.Severity, untrusted.Detail).ShouldBe((Severity.Fail, "The key-value store cannot prove who it is"));
        untrusted.Fix.ShouldNotBeNull().ShouldContain("pipekv.pin");

        options.Pipekv.Key = null;
        options.Pipekv.Url = null;
        (await PublishCheck.OfAsync(options, default)).ShouldHaveSingleItem().Fix.ShouldNotBeNull().ShouldContain("pipekv.key");
    }

    [Fact]
    public async Task A_node_that_is_off_is_told()
    {
        await using var node = await KvNode.StartAsync();
        var options = Of("pipekv://" + node.Url.Authority);
        node.Configure(options);
        await node.StopAsync();
        var found = (await PublishCheck.OfAsync(options, default)).ShouldHaveSingleItem();
        (found.Severity, found.Detail).ShouldBe((Severity.Fail, "The key-value store cannot be reached"));
        found.Fix.ShouldNotBeNull().ShouldContain("runs");
    }

    private SluiceOptions Of(string target)
    {
        var (options, s3) = (new SluiceOptions(), swift.Options());
        (options.Storage.S3.Endpoint, options.Storage.S3.AccessKey, options.Storage.S3.SecretKey) = (s3.Endpoint, s3.AccessKey, s3.SecretKey);
        options.Publish.Targets = new Dictionary<string, string> { ["web"] = target };
        return options;
    }

    private async Task<Finding> OfAsync(string target) => (await PublishCheck.OfAsync(Of(target), default)).ShouldHaveSingleItem();
}
