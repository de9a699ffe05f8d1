namespace Sluice.Media.MpegTs;

/// <summary>A place of a stream where a viewer may come in.</summary>
/// <param name="Position">Of the packet that begins there, as it was given to <see cref="TsDemuxer.Read"/>.</param>
/// <param name="PtsTicks">When it is shown, 90 kHz, modulo 2^33; null when that is not said.</param>
/// <param name="IsOpen">Pictures that are shown before it may refer to what came before; decoders leave them out.</param>
/// <param name="Join">Whole packets to be sent before it to whoever comes in or was somewhere else: the program's tables, and
/// for each PID the notice that its counter jumps. Then every counter goes on as in the stream.</param>
/// <param name="Sets">The part of <paramref name="Join"/> with the parameter sets that the picture does not bring itself; empty when it
/// does.</param>
public sealed record TsPoint(long Position, long? PtsTicks, bool IsOpen, ReadOnlyMemory<byte> Join, ReadOnlyMemory<byte> Sets = default);
