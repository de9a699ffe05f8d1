using Sluice.Server.Live;

namespace Sluice.Server.Tests.Live;

/// <summary>Writes down what it is handed, in order.</summary>
internal sealed class SegmentLog : ISegmentSink
{
    private readonly Lock _gate = new();
    private readonly List<(string Name, bool IsBreak, MemoryStream Bytes)> _begun = [];

    /// <summary>Names in order; those after a break with an exclamation mark.</summary>
    public string Order => string.Join(' ', _begun.Select(s => (s.IsBreak ? "!" : "") + s.Name));

    /// <summary>How many have begun.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _begun.Count;
            }
        }
    }

    /// <summary>How each ended, those included that never began.</summary>
    public Dictionary<string, DownloadResult> Results { get; } = [];

    public byte[] this[string name]
    {
        get
        {
            lock (_gate)
            {
                return _begun.Find(s => s.Name == name).Bytes?.ToArray() ?? [];
            }
        }
    }

    public void Begin(UpstreamSegment segment, bool isBreak)
    {
        lock (_gate)
        {
            _begun.Add((segment.Segment.Uri, isBreak, new MemoryStream()));
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _begun[^1].Bytes.Write(bytes);
        }
    }

    public void End(UpstreamSegment segment, DownloadResult result) => Results.Add(segment.Segment.Uri, result);
}
