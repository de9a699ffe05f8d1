using Sluice.Media.Binary;

namespace Sluice.Media.Tests.Building;

/// <summary>Keeps what is written.</summary>
internal sealed class MemorySink : IByteSink
{
    private readonly SpanWriter _bytes = new(1 << 16);

    public void Write(ReadOnlySpan<byte> bytes) => _bytes.WriteBytes(bytes);

    /// <summary>What was written so far; valid until more is.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public MemoryByteSource Source() => new(_bytes.ToArray());
}

/// <summary>Forgets what is written, but for its length.</summary>
internal sealed class NullSink : IByteSink
{
    public long Length { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes) => Length += bytes.Length;
}
