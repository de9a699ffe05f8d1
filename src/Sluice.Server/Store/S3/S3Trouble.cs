using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Sluice.Server.Outbound;

namespace Sluice.Server.Store.S3;

/// <summary>Says in a sentence for a person what a request to the object storage came to, without keys and without what the server wrote.</summary>
internal static class S3Trouble
{
    /// <summary>What it says when nothing comes.</summary>
    public const string Silent = "The object storage does not answer in time.";

    /// <summary>Whether it is trouble with the storage, and no mistake of ours.</summary>
    public static bool Is(Exception e, CancellationToken ct) =>
        e is AmazonServiceException or AmazonClientException or HttpRequestException or OutboundException or IOException
        || (e is OperationCanceledException && !ct.IsCancellationRequested);

    /// <summary>Whether there is no such object.</summary>
    public static bool IsAbsent(AmazonS3Exception e) => e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket";

    /// <summary>Whether an object that was there is gone or replaced. That stays so, if it is true: a copy that lags behind says so too.</summary>
    public static bool IsLoss(Exception e) =>
        e is AmazonServiceException { StatusCode: HttpStatusCode.NotFound or HttpStatusCode.PreconditionFailed };

    /// <summary>The sentence.</summary>
    public static string Sentence(Exception e) => e switch
    {
        AmazonServiceException { ErrorCode: "NoSuchBucket" } => "The object storage has no such bucket; look at storage.s3.bucket.",
        AmazonServiceException { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" } =>
            "The object storage does not know the key; look at storage.s3.accessKey and secretKey.",
        AmazonServiceException { ErrorCode: "RequestTimeTooSkewed" } => "The clocks of this machine and of the object storage differ; set this one.",
        AmazonServiceException { ErrorCode: "AuthorizationHeaderMalformed" } =>
            "The object storage expects another region; look at storage.s3.region.",
        AmazonServiceException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } =>
            "The object storage does not let this key do that; look at storage.s3.accessKey and secretKey, and at the bucket's policy.",
        AmazonServiceException { StatusCode: HttpStatusCode.PreconditionFailed } => "The object was replaced in the object storage.",
        AmazonServiceException { StatusCode: HttpStatusCode.NotFound } => "The object is not in the object storage.",
        AmazonServiceException service when service.StatusCode != default => $"The object storage answered with status {(int)service.StatusCode}.",
        OperationCanceledException => Silent,
        OutboundException { Failure: OutboundFailure.TimedOut } => Silent,
        OutboundException { Failure: OutboundFailure.Unintelligible } => "The object storage cannot prove who it is, or speaks something else; look at storage.s3.endpoint.",
        OutboundException => "The object storage cannot be reached; look at storage.s3.endpoint.",
        _ when e.InnerException is { } inner => Sentence(inner),
        _ => "The object storage cannot be reached; look at storage.s3.endpoint.",
    };
}
