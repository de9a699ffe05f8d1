using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;

namespace Sluice.Server.Ingest.Tus;

/// <summary>What the answers of tus say, in headers and statuses.</summary>
internal static class TusAnswers
{
    /// <summary>Says how far an upload is, and until when it is kept when nothing more comes.</summary>
    public static void DescribeOffset(HttpContext context, Upload upload)
    {
        context.Response.Headers[TusHeaders.Offset] = Text(upload.OffsetBytes);
        if (upload.IsOpen)
        {
            context.Response.Headers[TusHeaders.Expires] = upload.ExpiresAt.ToString("R", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Says all that is known of an upload.</summary>
    public static void Describe(HttpContext context, Upload upload)
    {
        var headers = context.Response.Headers;
        if (upload.Parts.Count == 0 || !upload.IsOpen)
        {
            DescribeOffset(context, upload); // Not while it is still being joined: section 3.6 of the protocol.
        }

        headers[TusHeaders.Length] = Text(upload.LengthBytes);
        if (upload.Metadata.Length > 0)
        {
            headers[TusHeaders.Metadata] = upload.Metadata;
        }

        if (upload.IsPartial)
        {
            headers[TusHeaders.Concat] = "partial";
        }
        else if (upload.Parts.Count > 0)
        {
            headers[TusHeaders.Concat] = "final;" + string.Join(' ', upload.Parts.Select(p => $"{TusProtocol.Root}/{p}"));
        }

        if (upload is { IsPartial: false, Asset: { } asset })
        {
            headers[TusHeaders.MediaId] = asset.Value;
        }
    }

    /// <summary>Says when an upload that is coming can be played, and as which title.</summary>
    public static void DescribeArrival(HttpContext context, Upload upload, Plays plays)
    {
        context.Response.Headers[TusHeaders.Plays] = plays.Name();
        if (plays == Plays.Now)
        {
            context.Response.Headers[TusHeaders.MediaId] = upload.Id.Value;
        }
    }

    /// <summary>The answer to an attempt to append.</summary>
    /// <param name="context">The request.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="status">The status when all went well.</param>
    public static IResult Of(HttpContext context, AppendResult result, int status)
    {
        if (result is { Upload: { } upload, End: AppendEnd.Kept or AppendEnd.Interrupted or AppendEnd.DiskFull })
        {
            DescribeOffset(context, upload);
        }

        return result.End switch
        {
            AppendEnd.Kept => Ended(context, result.Ended, status),
            AppendEnd.Busy => Problem.Result(ErrorCode.UploadBusy),
            AppendEnd.Conflict => Problem.Result(ErrorCode.UploadOffset, $"The upload is at {result.Upload!.OffsetBytes}."),
            AppendEnd.Final => Problem.Result(ErrorCode.UploadFinal),
            AppendEnd.Gone => Problem.Result(ErrorCode.UploadGone),
            AppendEnd.TooMuch => Problem.Result(ErrorCode.UploadTooLarge, "The request holds more than the upload lacks; nothing of it was kept."),
            AppendEnd.ChecksumMismatch => Problem.Result(ErrorCode.UploadChecksum),
            AppendEnd.DiskFull => Problem.Result(ErrorCode.DiskFull, "The disk became full; what came of an upload in pieces is kept, and it can be gone on with."),
            _ => Problem.Result(ErrorCode.UploadInterrupted, "What came is kept: ask how far it is (HEAD), and go on from there."),
        };
    }

    /// <summary>The answer when an upload has come to its end, or has not yet.</summary>
    /// <param name="context">The request.</param>
    /// <param name="result">What became of it; null when nothing did.</param>
    /// <param name="status">The status when all went well.</param>
    public static IResult Ended(HttpContext context, IntakeResult? result, int status)
    {
        if (result?.Error is { } error)
        {
            return Problem.Result(error, result.Detail);
        }

        if (result?.Asset is { } asset)
        {
            context.Response.Headers.Remove(TusHeaders.Expires);
            context.Response.Headers[TusHeaders.MediaId] = asset.Id.Value;
            if (result.AdminKey is { } key)
            {
                context.Response.Headers[TusHeaders.AdminKey] = key;
            }
        }

        return Results.StatusCode(status);
    }

    /// <summary>The request is not as the protocol has it.</summary>
    public static IResult Invalid(string detail) => new Refusal(StatusCodes.Status400BadRequest, detail);

    /// <summary>The body is of a type that appends to nothing.</summary>
    public static IResult WrongType() => new Refusal(StatusCodes.Status415UnsupportedMediaType, $"The body must be {TusHeaders.BodyType}.");

    /// <summary>A number as headers have it.</summary>
    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class Refusal(int status, string detail) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Problem.WriteAsync(httpContext, ErrorCode.RequestInvalid, detail, status: status);
    }
}
