namespace Sluice.Media.Remux;

/// <summary>Where a <see cref="LiveMuxer"/> writes.</summary>
public interface ITransportOutput
{
    /// <summary>What is written from now on is of a segment, or of one after it.</summary>
    /// <param name="segment">Its number, as in <see cref="EsUnit.Segment"/>.</param>
    /// <param name="isBreak">It does not go on where the last one ended: it was said so, or its times are others.</param>
    void BeginSegment(long segment, bool isBreak);

    /// <summary>Takes whole packets of 188 bytes, valid during the call.</summary>
    void Write(ReadOnlySpan<byte> packets);
}
