using System.Collections.Concurrent;
using Sluice.Server.Publishing;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>The contract, for a bucket of a real S3 server.</summary>
[Collection(nameof(Swift))]
public sealed class BucketTargetContractTests(Swift swift) : RemoteTargetContract, IAsyncLifetime
{
    private readonly ConcurrentQueue<S3Bucket> _open = new();
    private readonly string _prefix = $"contract-{Guid.NewGuid():n}/";
    private FaultyS3 _wire = null!;
    private TimeProvider _limits = TimeProvider.System;

    private protected override Func<string, Task>? BeforePut
    {
        set => _wire.Holds = asked => value is not null && asked.StartsWith("PUT ", StringComparison.Ordinal) ? value(asked[4..]) : Task.CompletedTask;
    }

    public async ValueTask InitializeAsync() => _wire = await FaultyS3.StartAsync(swift.Url);

    public async ValueTask DisposeAsync()
    {
        foreach (var bucket in _open)
        {
            bucket.Dispose();
        }

        await _wire.DisposeAsync();
    }

    private protected override IPublishTarget Open()
    {
        var bucket = S3Setup.BucketOf(swift.Options(_wire.Url), Swift.Connector, _limits);
        _open.Enqueue(bucket);
        return new ToldTarget(new BucketTarget(bucket, _prefix, Clock), "place");
    }

    private protected override void Pass() => (_limits, _wire.FaultOf) = (TimeProvider.System, _ => Fault.None);

    private protected override void Make(WireFault fault, int times)
    {
        _limits = fault == WireFault.Silence ? new FastClock(20) : TimeProvider.System;
        if (fault == WireFault.Absent)
        {
            _wire.IsAbsent = _ => Interlocked.Decrement(ref times) >= 0;
            return;
        }

        var made = fault switch
        {
            WireFault.Error => Fault.Error,
            WireFault.Cut => Fault.Cut,
            WireFault.Short => Fault.Short,
            WireFault.Silence => Fault.Stall,
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
        _wire.FaultOf = _ => Interlocked.Decrement(ref times) >= 0 ? made : Fault.None;
    }
}
