using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Hosting;

/// <summary>
/// Outermost middleware: whatever fails inside, the client gets a row of the error table, never a stack trace or a
/// path; an empty error answer of the framework (404, 405, 415) gets its body here.
/// </summary>
internal sealed partial class ErrorBoundary(RequestDelegate next, ILogger<ErrorBoundary> logger)
{
    private const int ClientClosedRequest = 499; // nginx's number; nobody is left to read it

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Problem.WriteAsync(context, ErrorCode.RequestInvalid, status: e.StatusCode);
        }
        catch (SourceUnavailableException e)
        {
            Log.SourceUnavailable(logger, context.Request.Path, e.Message);
            if (context.Response.HasStarted)
            {
                context.Abort(); // Or what was sent would pass for all of it.
                return;
            }

            Problem.BeginAnew(context.Response);
            context.Response.Headers.RetryAfter = "5";
            await Problem.WriteAsync(context, e.IsPending ? ErrorCode.SourcePending : ErrorCode.SourceUnusable, e.Message);
            return;
        }
        catch (CatalogUnreachableException e)
        {
            Log.CatalogUnreachable(logger, context.Request.Method, context.Request.Path, e.Message);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            Problem.BeginAnew(context.Response);
            context.Response.Headers.RetryAfter = "2";
            await Problem.WriteAsync(context, ErrorCode.CatalogUnreachable);
            return;
        }
        catch (Exception e) when (IsGone(e, context.RequestAborted))
        {
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = ClientClosedRequest;
            }

            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, e, context.Request.Method, context.Request.Path);
            Problem.BeginAnew(context.Response);
            await Problem.WriteAsync(context, ErrorCode.Internal);
        }

        var response = context.Response;
        if (response.StatusCode >= 400 && !response.HasStarted && response.ContentLength is null && response.ContentType is null)
        {
            var status = response.StatusCode == StatusCodes.Status400BadRequest && NamesNothing(context) ? StatusCodes.Status404NotFound : response.StatusCode;
            await Problem.WriteAsync(context, RowOf(status), status: status);
        }
    }

    /// <summary>Whether the path has something else where an id is to be: the framework calls that a bad request, and nothing is there.</summary>
    private static bool NamesNothing(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<MethodInfo>() is { } handler
        && Array.Exists(handler.GetParameters(), parameter => parameter.ParameterType == typeof(AssetId)
            && context.Request.RouteValues.TryGetValue(parameter.Name!, out var value) && !AssetId.TryParse(value as string, null, out _));

    /// <summary>The connection may be cut, by either side, a moment before the request's token says so.</summary>
    private static bool IsGone(Exception e, CancellationToken aborted) =>
        e is ConnectionAbortedException or ConnectionResetException
        || e.InnerException is ConnectionAbortedException or ConnectionResetException
        || (e is OperationCanceledException or IOException && aborted.IsCancellationRequested);

    private static ErrorCode RowOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => ErrorCode.RouteUnknown,
        StatusCodes.Status405MethodNotAllowed => ErrorCode.MethodNotAllowed,
        >= 500 => ErrorCode.Internal,
        _ => ErrorCode.RequestInvalid,
    };

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Path} could not be sent: {Reason}")]
        public static partial void SourceUnavailable(ILogger logger, string path, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} could not be answered: {Reason}")]
        public static partial void CatalogUnreachable(ILogger logger, string method, string path, string reason);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
        public static partial void Failed(ILogger logger, Exception e, string method, string path);
    }
}
