using System.Buffers;
using System.Text.Json;

namespace Sluice.Server.Hosting;

/// <summary>
/// Writes an <see cref="ErrorCode"/> as <c>application/problem+json</c> (RFC 9457), or as <c>{"detail":…}</c> on
/// endpoints that carry <see cref="DetailOnlyErrors"/>.
/// </summary>
internal static class Problem
{
    /// <summary>Writes the answer; nothing may have been sent yet.</summary>
    /// <param name="context">The request.</param>
    /// <param name="code">Row of the table.</param>
    /// <param name="detail">What is particular to this request; the row's title when null. Never a path or a secret.</param>
    /// <param name="expiredAt">Set for a link or title that has expired.</param>
    /// <param name="status">Instead of the row's own status.</param>
    /// <param name="whole">The whole body even where <see cref="DetailOnlyErrors"/> stands.</param>
    public static Task WriteAsync(
        HttpContext context, ErrorCode code, string? detail = null, DateTimeOffset? expiredAt = null, int? status = null,
        bool whole = false)
    {
        var response = context.Response;
        var plain = !whole && context.GetEndpoint()?.Metadata.GetMetadata<DetailOnlyErrors>() is not null;
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            if (plain)
            {
                json.WriteString("detail"u8, detail ?? code.Title);
            }
            else
            {
                json.WriteString("type"u8, "urn:sluice:error:" + code.Code);
                json.WriteString("title"u8, code.Title);
                json.WriteNumber("status"u8, status ?? code.Status);
                json.WriteString("detail"u8, detail ?? code.Title);
                json.WriteString("code"u8, code.Code);
                json.WriteString("hint"u8, code.Hint);
                if (expiredAt is { } instant)
                {
                    json.WriteString("expiredAt"u8, instant);
                }
            }

            json.WriteEndObject();
        }

        response.StatusCode = status ?? code.Status;
        response.ContentType = plain ? "application/json" : "application/problem+json";
        response.ContentLength = body.WrittenCount;
        response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted).AsTask();
    }

    /// <summary>Forgets what was to be answered, but not what holds for every answer: a player on another site could not read why it failed.</summary>
    public static void BeginAnew(HttpResponse response)
    {
        var kept = response.Headers.Where(header => RequestRules.Sets(header.Key)).ToArray();
        response.Clear();
        foreach (var (name, value) in kept)
        {
            response.Headers[name] = value;
        }
    }

    /// <summary>The same as a handler's result.</summary>
    public static IResult Result(ErrorCode code, string? detail = null) => new ProblemResult(code, detail);

    private sealed class ProblemResult(ErrorCode code, string? detail) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, code, detail);
    }
}

/// <summary>Endpoint metadata: errors are <c>{"detail":…}</c>, as the clients of a compatible API expect.</summary>
internal sealed class DetailOnlyErrors
{
    /// <summary>The one instance.</summary>
    public static readonly DetailOnlyErrors Instance = new();
}
