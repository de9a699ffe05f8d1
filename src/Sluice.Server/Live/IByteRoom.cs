namespace Sluice.Server.Live;

/// <summary>Where the bytes of a resource go: they are received there, and not copied to it.</summary>
internal interface IByteRoom
{
    /// <summary>Room for the next ones, some kilobytes at least. What is not taken of it is given again.</summary>
    Memory<byte> Room();

    /// <summary>The room's first bytes have come.</summary>
    /// <param name="bytes">They.</param>
    /// <param name="ct">Ends the wait for whoever has to make room.</param>
    ValueTask TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct);
}
