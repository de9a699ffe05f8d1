using Sluice.Server.Access;
using Sluice.Server.Catalog;

namespace Sluice.Server.Hosting;

/// <summary>For monitors: <c>/health</c> says that the process answers, <c>/ready</c> that it can do its work.</summary>
internal static class HealthEndpoints
{
    private const string Why = "monitors have no key; it says nothing about the media";

    /// <summary>What <c>/</c> answers to programs, as StreamPipe did.</summary>
    public static ReadOnlyMemory<byte> Summary { get; } = """{"status":"ok","streams":0,"docs":"/docs"}"""u8.ToArray();

    private static ReadOnlyMemory<byte> Ok { get; } = """{"status":"ok"}"""u8.ToArray();

    /// <summary>Maps the routes.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health", [HttpMethods.Get, HttpMethods.Head], (HttpContext context) => SendAsync(context, Ok))
            .AllowAnyone(Why).WithTags("health").WithSummary("The process answers.");
        routes.MapMethods("/ready", [HttpMethods.Get, HttpMethods.Head], ReadyAsync)
            .AllowAnyone(Why).WithTags("health").WithSummary("The catalog answers; 503 when it does not.");
    }

    /// <summary>Sends a ready-made JSON body.</summary>
    public static Task SendAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    private static async Task ReadyAsync(HttpContext context, ICatalog catalog)
    {
        try
        {
            await catalog.ListAsync(null, 1, context.RequestAborted);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await Problem.WriteAsync(
                context, ErrorCode.Internal, "The catalog does not answer.", status: StatusCodes.Status503ServiceUnavailable);
            return;
        }

        await SendAsync(context, Ok);
    }
}
