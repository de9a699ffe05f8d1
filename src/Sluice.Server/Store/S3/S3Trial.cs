using System.Security.Cryptography;
using Sluice.Server.Hosting;

namespace Sluice.Server.Store.S3;

/// <summary>Tries out whether a bucket can be worked with: list, write, read by range, remove.</summary>
internal static class S3Trial
{
    private const int Bytes = 1000;

    /// <summary>Tries it; nothing stays behind.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="options">Its configuration.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>What does not work, a sentence for a person; null when all does.</returns>
    public static async Task<string?> RunAsync(S3Bucket bucket, S3Options options, CancellationToken ct)
    {
        var (name, file) = ($"{options.Prefix}trial-{RandomNumberGenerator.GetHexString(16, lowercase: true)}", Path.GetTempFileName());
        try
        {
            await bucket.RequireAsync(ct);
            var bytes = RandomNumberGenerator.GetBytes(Bytes);
            await File.WriteAllBytesAsync(file, bytes, ct);
            using var upload = new S3Upload(bucket, options.PartBytes);
            var sent = await upload.SendAsync(name, file, ct);
            try
            {
                return await ReadsAsync(bucket, sent, bytes, ct) ? null : "The object storage does not give parts of objects as they are.";
            }
            finally
            {
                await bucket.RemoveAsync(name, ct);
            }
        }
        catch (Exception e) when (e is SourceUnavailableException or Outbound.Remote.RemoteFileException)
        {
            return e.Message;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<bool> ReadsAsync(S3Bucket bucket, S3Listed sent, byte[] bytes, CancellationToken ct)
    {
        await using var answer = await bucket.ReadAsync(sent, Bytes / 4, (Bytes / 2) - 1, ct);
        var read = new byte[Bytes / 4];
        var count = await answer.Body.ReadAtLeastAsync(read, read.Length, throwOnEndOfStream: false, ct);
        return count == read.Length && read.AsSpan().SequenceEqual(bytes.AsSpan(Bytes / 4, Bytes / 4));
    }
}
