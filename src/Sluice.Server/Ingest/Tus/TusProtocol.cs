using Sluice.Server.Hosting;

namespace Sluice.Server.Ingest.Tus;

/// <summary>
/// What tus 1.0.0 has of every request and answer, before routing and the gate: the version in each answer, also in refusals; 412 for a client
/// that speaks another; <c>X-HTTP-Method-Override</c>, for networks that let no PATCH and DELETE through.
/// </summary>
internal sealed class TusProtocol(RequestDelegate next)
{
    /// <summary>Path under which uploads are.</summary>
    public const string Root = "/api/v1/uploads";

    private const int LongestMethod = 16;

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        var request = context.Request;
        var response = context.Response.Headers;
        if (request.Headers.TryGetValue(TusHeaders.MethodOverride, out var method))
        {
            if (method is not [{ Length: > 0 and <= LongestMethod } name] || !name.All(char.IsAsciiLetterUpper))
            {
                return Problem.WriteAsync(context, ErrorCode.RequestInvalid, $"{TusHeaders.MethodOverride} names one method.", status: StatusCodes.Status400BadRequest);
            }

            request.Method = name;
        }

        if (HttpMethods.IsOptions(request.Method))
        {
            return next(context);
        }

        response[TusHeaders.Resumable] = TusHeaders.Version;
        if (request.Headers[TusHeaders.Resumable] == TusHeaders.Version)
        {
            return next(context);
        }

        response["Tus-Version"] = TusHeaders.Version;
        return Problem.WriteAsync(context, ErrorCode.TusVersion);
    }
}
