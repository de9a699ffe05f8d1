using System.Text;
using Amazon.S3.Model;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Publishing;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Store.S3;
using Xunit;
using S3Bucket = Sluice.Server.Store.S3.S3Bucket;

namespace Sluice.Server.Tests.Publishing;

/// <summary>How a file of a bucket is known to be there already, also where tags are no sums of the bytes (SSE-KMS).</summary>
[Collection(nameof(Swift))]
public sealed class BucketSumTests(Swift swift) : IAsyncLifetime
{
    private const string Type = "video/mp2t";

    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes("some bytes");
    private static readonly byte[] Others = Encoding.UTF8.GetBytes("other byte");

    private readonly string _prefix = $"sums-{Guid.NewGuid():n}/";
    private FaultyS3 _wire = null!;
    private S3Bucket _bucket = null!;
    private S3Bucket _behind = null!;
    private BucketTarget _target = null!;

    public async ValueTask InitializeAsync()
    {
        _wire = await FaultyS3.StartAsync(swift.Url);
        _bucket = S3Setup.BucketOf(swift.Options(_wire.Url), Swift.Connector, TimeProvider.System);
        _behind = S3Setup.BucketOf(swift.Options(), Swift.Connector, TimeProvider.System);
        _target = new BucketTarget(_bucket, _prefix, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _wire.DisposeAsync();
        _bucket.Dispose();
        _behind.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_sent_is_there_and_nothing_else_is_whatever_its_tag(bool isOpaque)
    {
        _wire.HasOpaqueTag = _ => isOpaque;

        await _target.PutAsync("a.ts", Bytes, Type, default);

        (await _target.HasAsync("a.ts", Bytes, default)).ShouldBeTrue();
        (await _target.HasAsync("a.ts", Others, default)).ShouldBeFalse("of the same length");
        (await _target.HasAsync("a.ts", Bytes.AsMemory(1), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_others_sent_is_sent_again_once_where_its_tag_says_nothing()
    {
        await SendBehindAsync("a.ts", Bytes);
        (await _target.HasAsync("a.ts", Bytes, default)).ShouldBeTrue("its tag is that of these bytes");
        (await _target.HasAsync("a.ts", Others, default)).ShouldBeFalse();

        _wire.HasOpaqueTag = _ => true;
        (await _target.HasAsync("a.ts", Bytes, default)).ShouldBeFalse("nobody can know");
        await _target.PutAsync("a.ts", Bytes, Type, default);
        (await _target.HasAsync("a.ts", Bytes, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_tree_whose_files_have_such_tags_is_sent_once()
    {
        _wire.HasOpaqueTag = path => path.EndsWith(".ts", StringComparison.Ordinal);
        var publisher = new TreePublisher(new SluiceOptions());
        await publisher.PublishAsync(MadeTree.Flat("film", 5), _target, _ => { }, default);
        Sent().ShouldBe(5);

        await publisher.PublishAsync(MadeTree.Flat("film", 5), _target, _ => { }, default);
        Sent().ShouldBe(5, "all of them are there");

        await SendBehindAsync("film_3.ts", Encoding.UTF8.GetBytes("segment X"));
        await publisher.PublishAsync(MadeTree.Flat("film", 5), _target, _ => { }, default);
        Sent().ShouldBe(6, "one of them is not any more");
        (await _behind.ReadWholeAsync(_prefix + "film_3.ts", 100, default)).ShouldBe("segment 3"u8.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_somebody_else_has_written_over_meanwhile_was_not_sent(bool hasSum)
    {
        _wire.Holds = async asked =>
        {
            if (asked.StartsWith("HEAD ", StringComparison.Ordinal))
            {
                await SendBehindAsync("a.ts", Others, hasSum ? S3Sums.Sha256Of(Others) : null);
            }
        };

        (await Should.ThrowAsync<PublishException>(() => _target.PutAsync("a.ts", Bytes, Type, default).AsTask())).MayPass.ShouldBeTrue();
    }

    private int Sent() => _wire.Asked.Count(line => line.StartsWith("PUT ", StringComparison.Ordinal) && line.TrimEnd().EndsWith(".ts", StringComparison.Ordinal));

    /// <summary>As another program does, past the wire.</summary>
    private async Task SendBehindAsync(string name, byte[] bytes, string? sum = null)
    {
        using var content = new MemoryStream(bytes);
        var asked = new PutObjectRequest { BucketName = Swift.Bucket, Key = _prefix + name, InputStream = content, UseChunkEncoding = false };
        if (sum is not null)
        {
            asked.Metadata[S3Sums.Metadata] = sum;
        }

        await _behind.Client.PutObjectAsync(asked, default);
    }
}
