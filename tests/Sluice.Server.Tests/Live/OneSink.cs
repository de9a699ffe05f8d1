using Sluice.Server.Live;

namespace Sluice.Server.Tests.Live;

/// <summary>The same sink for every upstream, and for its audio if there is one.</summary>
internal sealed class OneSink(ISegmentSink main, ISegmentSink? audio = null) : ISegmentSinks
{
    public string? Kind => null;

    public long LostBytes => 0;

    public long Losses => 0;

    /// <summary>What upstreams were like, in order.</summary>
    public List<UpstreamShape> Shapes { get; } = [];

    public ISegmentSink Main(UpstreamShape shape)
    {
        Shapes.Add(shape);
        return main;
    }

    public ISegmentSink? Audio(UpstreamShape shape) => audio;
}
