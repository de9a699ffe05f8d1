using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Store.S3;

namespace Sluice.Server.Cli;

/// <summary>Tries the bucket that media are to be kept in, where one is given.</summary>
internal static class S3Check
{
    private const string Subject = "S3";

    /// <summary>What was found; nothing where the data folder keeps the media.</summary>
    public static async Task<IReadOnlyList<Finding>> OfAsync(SluiceOptions options, CancellationToken ct)
    {
        var s3 = options.Storage.S3;
        if (s3.Bucket is null)
        {
            return [];
        }

        try
        {
            using var bucket = S3Setup.BucketOf(s3, new CheckedConnector(options, NameResolution.System, TimeProvider.System), TimeProvider.System);
            var parts = (await S3Trial.RunAsync(bucket, s3, ct))?.TrimEnd('.').Split("; ");
            return
            [
                parts is null
                    ? new Finding(Severity.Ok, Subject, $"bucket {s3.Bucket} at {S3Client.EndpointOf(s3).Authority} can be written, read by range and cleaned up")
                    : new Finding(Severity.Fail, Subject, parts[0], parts.Length > 1 ? string.Join("; ", parts[1..]) : "look at storage.s3 and at the server there"),
            ];
        }
        catch (SetupException e)
        {
            return [new Finding(Severity.Fail, Subject, e.Message.TrimEnd('.'))];
        }
    }
}
