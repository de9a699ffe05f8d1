namespace Sluice.Server.Store;

/// <summary>A run of bytes of an object.</summary>
/// <param name="Offset">Where it starts.</param>
/// <param name="Length">How long it is, in bytes.</param>
internal readonly record struct BytePart(long Offset, long Length);
