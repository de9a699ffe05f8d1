namespace Sluice.Media.Binary;

/// <summary>Where the library writes a file of unknown length, front to back. The caller owns what lies behind it.</summary>
public interface IByteSink
{
    /// <summary>Appends all of <paramref name="bytes"/>.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}
