namespace Sluice.Server.Access;

/// <summary>Bytes of titles that this process has begun to send: one number, so that counting them costs a request nothing.</summary>
internal static class SentBytes
{
    private static long _total;

    /// <summary>Since the process began.</summary>
    public static long Total => Interlocked.Read(ref _total);

    /// <summary>So many more.</summary>
    public static void Add(long bytes) => Interlocked.Add(ref _total, bytes);
}
