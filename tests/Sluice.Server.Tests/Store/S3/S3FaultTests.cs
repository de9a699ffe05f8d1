using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Outbound.Remote;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>Whatever goes wrong between the store and the bucket: what is read is right, or reading fails.</summary>
[Collection(nameof(Swift))]
public sealed class S3FaultTests(Swift swift) : IAsyncLifetime
{
    private const int Bytes = 600_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-test-");
    private readonly AssetId _asset = AssetId.New();
    private readonly S3Options _direct = swift.Options();
    private readonly byte[] _content = new byte[Bytes];
    private FaultyS3 _faulty = null!;
    private S3ObjectStore _store = null!;

    public static TheoryData<Fault> Faults => [.. Enum.GetValues<Fault>().Where(f => f != Fault.None)];

    public async ValueTask InitializeAsync()
    {
        new Random(11).NextBytes(_content);
        _faulty = await FaultyS3.StartAsync(swift.Url);
        _store = Open();
        await using var stage = _store.Stage(_asset);
        await File.WriteAllBytesAsync(stage.PathOf(Key.Name), _content);
        await stage.CommitAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _faulty.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private ObjectKey Key => ObjectKey.Gathered(_asset, "a0");

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_goes_wrong_once_is_not_seen(Fault fault)
    {
        var left = 1;
        _faulty.FaultOf = _ => Interlocked.Decrement(ref left) >= 0 ? fault : Fault.None;

        (await ReadAsync()).ShouldBe(_content);
        left.ShouldBeLessThan(0);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_stays_wrong_is_an_error_and_no_wrong_byte(Fault fault)
    {
        _faulty.FaultOf = _ => fault;

        var error = await Should.ThrowAsync<SourceUnavailableException>(ReadAsync);

        error.Message.ShouldEndWith(".");
        error.Message.ShouldNotContain(_direct.SecretKey!);
        _faulty.FaultOf = _ => Fault.None;
        (await ReadAsync()).ShouldBe(_content, "it goes better another time");
    }

    [Fact]
    public async Task Many_readers_of_the_same_bytes_are_one_request()
    {
        var hold = new TaskCompletionSource();
        _faulty.FaultOf = _ =>
        {
            hold.Task.Wait();
            return Fault.None;
        };
        using var reader = (await _store.OpenAsync(Key, default)).ShouldNotBeNull();
        var reads = Enumerable.Range(0, 20).Select(async _ =>
        {
            var bytes = new byte[1000];
            (await reader.ReadAllAsync(1000, bytes, default)).ShouldBeTrue();
            return bytes;
        }).ToList();
        hold.SetResult();

        foreach (var bytes in await Task.WhenAll(reads))
        {
            bytes.ShouldBe(_content[1000..2000]);
        }

        Gets.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Who_has_it_open_is_told_that_it_is_lost_and_opened_anew_it_is_there()
    {
        using var reader = (await _store.OpenAsync(Key, default)).ShouldNotBeNull();
        reader.IsLost.ShouldBeFalse();
        _faulty.FaultOf = _ => Fault.Absent;
        (await Should.ThrowAsync<SourceUnavailableException>(async () => await reader.ReadAsync(0, new byte[1], default))).Message.ShouldContain("not in the object storage");
        Gets.Count.ShouldBe(3, "it was not believed at once");
        reader.IsLost.ShouldBeTrue();

        _faulty.FaultOf = _ => Fault.None;
        (await ReadAsync()).ShouldBe(_content);
    }

    [Fact]
    public async Task What_is_put_in_the_place_of_what_goes_with_its_last_reader_stays()
    {
        var reader = (await _store.OpenAsync(Key, default)).ShouldNotBeNull();
        await _store.RemoveAsync(Key, default);
        var (isThere, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _faulty.Holds = asked =>
        {
            if (!asked.StartsWith("PUT", StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            isThere.TrySetResult(); // It is sent.
            return goesOn.Task;
        };
        var local = Path.Combine(_folder.FullName, "new");
        await File.WriteAllTextAsync(local, "the new one");
        var putting = _store.PutAsync(Key, local, default).AsTask();
        await isThere.Task.WaitAsync(Eventually.Patience);

        reader.Dispose();
        (await Eventually.Holds(() => Task.FromResult(_faulty.Asked.Any(asked => asked.StartsWith("DELETE", StringComparison.Ordinal))), seconds: 1)).ShouldBeFalse();
        goesOn.SetResult();
        await putting;

        System.Text.Encoding.UTF8.GetString(await ReadAsync()).ShouldBe("the new one");
        (await swift.NamesAsync(_direct.Prefix)).ShouldContain(name => name.EndsWith(Key.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_read_is_remembered_however_many_others_are_opened()
    {
        var bucket = Bucket();
        using var cache = new BlockCache(Path.Combine(_folder.FullName, "few"), BlockFetcher.BlockBytes, 16);
        var assets = new S3Assets(bucket, new S3Layout(_direct.Prefix), new S3Objects(bucket, cache, TimeProvider.System), TimeProvider.System) { Most = 2 };
        var read = assets.Of(_asset);
        using (await assets.OpenAsync(Key, default))
        {
            for (var i = 0; i < 8; i++)
            {
                assets.Of(AssetId.New());
            }

            assets.Of(_asset).ShouldBeSameAs(read, "whoever removes it has to know of the reader");
        }

        // Any of those that nobody reads is forgotten first.
        for (var i = 0; i < 1000 && !read.IsForgotten; i++)
        {
            assets.Of(AssetId.New());
        }

        read.IsForgotten.ShouldBeTrue();
        assets.Of(_asset).ShouldNotBeSameAs(read);
        bucket.Dispose();
    }

    [Fact]
    public async Task All_parts_of_a_segment_are_one_request_and_none_when_they_are_here()
    {
        using var reader = (await _store.OpenAsync(Key, default)).ShouldNotBeNull();
        BytePart[] parts = [new(300_000, 10), new(599_990, 10), new(310_000, 100)];
        for (var times = 0; times < 2; times++)
        {
            await reader.PrepareAsync(parts, default);
            foreach (var part in parts)
            {
                var bytes = new byte[part.Length];
                (await reader.ReadAllAsync(part.Offset, bytes, default)).ShouldBeTrue();
                bytes.ShouldBe(_content.AsSpan((int)part.Offset, (int)part.Length).ToArray());
            }
        }

        Gets.ShouldHaveSingleItem().ShouldEndWith($" bytes={BlockFetcher.BlockBytes}-{Bytes - 1}");
    }

    [Theory]
    [InlineData(Fault.Error)]
    [InlineData(Fault.Silence)]
    public async Task A_title_that_cannot_be_stored_is_not_there_at_all(Fault fault)
    {
        var id = AssetId.New();
        using var patience = new CancellationTokenSource();
        _faulty.WriteFaultOf = path =>
        {
            if (!path.EndsWith("/source", StringComparison.Ordinal))
            {
                return Fault.None;
            }

            if (fault == Fault.Silence)
            {
                patience.Cancel(); // Whoever uploads has gone.
            }

            return fault;
        };
        await using (var stage = _store.Stage(id))
        {
            await File.WriteAllTextAsync(stage.PathOf("source"), "hello");
            await File.WriteAllTextAsync(stage.PathOf("v0.idx"), "index");
            await Should.ThrowAsync<Exception>(async () => await stage.CommitAsync(patience.Token));
        }

        (await _store.OpenAsync(ObjectKey.Index(id, "v0"), default)).ShouldBeNull();
        (await swift.NamesAsync(_direct.Prefix)).ShouldNotContain(name => name.Contains(id.Value, StringComparison.Ordinal));
        _faulty.WriteFaultOf = _ => Fault.None;
        await using var again = _store.Stage(id);
        await File.WriteAllTextAsync(again.PathOf("source"), "hello");
        await again.CommitAsync(default);
        (await _store.OpenAsync(ObjectKey.Source(id), default)).ShouldNotBeNull().Dispose();
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task The_bucket_is_asked_what_it_has_only_when_its_answer_does_not_name_the_bytes(bool isOpaque, int asks)
    {
        _faulty.HasOpaqueTag = _ => isOpaque;
        var key = ObjectKey.Index(_asset, "v0");
        var path = Path.Combine(_folder.FullName, "v0.idx");
        await File.WriteAllTextAsync(path, "index");

        await _store.PutAsync(key, path, default);

        _faulty.Asked.Count(asked => asked.StartsWith("HEAD", StringComparison.Ordinal) && asked.Contains(key.Name, StringComparison.Ordinal)).ShouldBe(asks);
    }

    private List<string> Gets => [.. _faulty.Asked.Where(asked => asked.StartsWith("GET", StringComparison.Ordinal) && asked.Contains("bytes=", StringComparison.Ordinal))];

    /// <summary>As it is configured, but with less patience.</summary>
    private S3ObjectStore Open()
    {
        var options = _direct;
        options.Endpoint = _faulty.Url.GetLeftPart(UriPartial.Authority);
        var bucket = Bucket();
        var stages = new StageFolders(_folder.FullName, 0);
        var objects = new S3Objects(bucket, new BlockCache(stages.NewPath("cache"), BlockFetcher.BlockBytes, 256), TimeProvider.System);
        return new S3ObjectStore(bucket, new S3Layout(options.Prefix), stages, objects, options.PartBytes, TimeProvider.System, NullLogger<S3ObjectStore>.Instance);
    }

    private S3Bucket Bucket() => new(S3Client.Create(_direct, _direct.Bucket!, Swift.Connector), _direct.Bucket!, TimeProvider.System)
    {
        Limits = new OutboundLimits { Header = TimeSpan.FromSeconds(6), Idle = TimeSpan.FromSeconds(6), Total = TimeSpan.FromMinutes(2) },
    };

    private async Task<byte[]> ReadAsync()
    {
        using var reader = (await _store.OpenAsync(Key, default)).ShouldNotBeNull();
        var bytes = new byte[reader.Length];
        (await reader.ReadAllAsync(0, bytes, default)).ShouldBeTrue();
        return bytes;
    }
}
