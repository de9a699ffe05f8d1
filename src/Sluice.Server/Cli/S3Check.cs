using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;

namespace Sluice.Server.Cli;

/// <summary>Tries the bucket that media are to be kept in, where one is given.</summary>
internal static class S3Check
{
    /// <summary>What is wrong with a bucket whose server keeps no conditions of writes, and what that costs.</summary>
    public const string NoConditions =
        "its server keeps no conditions of writes (If-Match, If-None-Match): of several who list MPEG-TS titles there at once, one may be missing from the list for some seconds";

    /// <summary>What to do about it.</summary>
    public const string OneAtATime = "publish there from one server or command at a time, or use an S3 server that knows conditional writes";

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
            if (parts is not null)
            {
                return [new Finding(Severity.Fail, Subject, parts[0], parts.Length > 1 ? string.Join("; ", parts[1..]) : "look at storage.s3 and at the server there")];
            }

            // Media are well kept without: nobody else writes there.
            var works = $"bucket {s3.Bucket} at {S3Client.EndpointOf(s3).Authority} can be written, read by range and cleaned up";
            return await S3Conditions.AreKeptAsync(bucket, s3.Prefix, ct)
                ? [new Finding(Severity.Ok, Subject, works)]
                : [new Finding(Severity.Ok, Subject, $"{works}. Only if titles are published there too: {NoConditions}; {OneAtATime}")];
        }
        catch (SourceUnavailableException e)
        {
            return [new Finding(Severity.Fail, Subject, e.Message.TrimEnd('.'), "look at storage.s3 and at the server there")];
        }
        catch (SetupException e)
        {
            return [new Finding(Severity.Fail, Subject, e.Message.TrimEnd('.'))];
        }
    }
}
