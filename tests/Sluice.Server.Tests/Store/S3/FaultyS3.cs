using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Cli;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>What can be wrong with an answer that brings bytes.</summary>
public enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Status 500.</summary>
    Error,

    /// <summary>Status 503.</summary>
    Busy,

    /// <summary>No answer.</summary>
    Silence,

    /// <summary>The body stops coming after some bytes, and the connection stays.</summary>
    Stall,

    /// <summary>The connection ends within the body.</summary>
    Cut,

    /// <summary>Fewer bytes than were asked for, and the head says so.</summary>
    Short,

    /// <summary>The bytes are others, and the head says so.</summary>
    Elsewhere,

    /// <summary>All of the object instead of a part.</summary>
    Whole,

    /// <summary>Bytes of another state of the object.</summary>
    OtherTag,

    /// <summary>A page of a proxy, with status 200.</summary>
    Page,

    /// <summary>There is no such object.</summary>
    Absent,

    /// <summary>The object is not the one of that tag.</summary>
    Replaced,

    /// <summary>The body comes byte by byte, ten in a second.</summary>
    Drip,

    /// <summary>Somebody else's write under a condition is under way.</summary>
    Conflict,

    /// <summary>Conditions of writes are not known.</summary>
    NoConditions,
}

/// <summary>Stands between the store and an S3 server, passes on what it is asked for word for word, and makes mistakes when a test wants it to.</summary>
internal sealed class FaultyS3 : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None });
    private readonly Uri _target;
    private readonly SemaphoreSlim _writes = new(1, 1);
    private ApiStub _stub = null!;
    private S3Bucket? _behind;

    private FaultyS3(Uri target) => _target = target;

    /// <summary>Where it listens.</summary>
    public Uri Url => _stub.Url;

    /// <summary>What is wrong with the answer to a request for bytes of this path; asked for each.</summary>
    public Func<string, Fault> FaultOf { get; set; } = _ => Fault.None;

    /// <summary>What is wrong with the answers to writing requests.</summary>
    public Func<string, Fault> WriteFaultOf { get; set; } = _ => Fault.None;

    /// <summary>Awaited before each write of those that <see cref="KeepConditions"/> looks after.</summary>
    public Func<Task> BeforeWrite { get; set; } = () => Task.CompletedTask;

    /// <summary>Whether the tag of what is under this path is told as another one, that is no sum of its bytes, as a server does that encrypts (SSE-KMS). Reads by tag do not work there.</summary>
    public Func<string, bool> HasOpaqueTag { get; set; } = _ => false;

    /// <summary>Writes that were refused because their condition did not hold.</summary>
    public int Refusals { get; private set; }

    /// <summary>What is wrong with the answer to a question whether there is an object of this path.</summary>
    public Func<string, bool> IsAbsent { get; set; } = _ => false;

    /// <summary>Awaited before a request goes on: its method and path.</summary>
    public Func<string, Task> Holds { get; set; } = _ => Task.CompletedTask;

    /// <summary>Time that is added to each request.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Time that the server behind took for the last answer, which is not the store's.</summary>
    public TimeSpan BehindTime { get; private set; }

    /// <summary>Requests in the order in which they came: method and path, with the range behind it.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>From now on files are written one after the other, and by the condition that a request names, which the server behind does not know.</summary>
    /// <param name="behind">The same bucket, asked directly. A request with a condition cannot be passed on without it: it is signed.</param>
    public void KeepConditions(S3Bucket behind) => _behind = behind;

    public static async Task<FaultyS3> StartAsync(Uri target)
    {
        var made = new FaultyS3(target);
        made._stub = await ApiStub.StartAsync(made.AnswerAsync);
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await _stub.DisposeAsync();
        _http.Dispose();
        _writes.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Asked.Enqueue($"{context.Request.Method} {path} {context.Request.Headers.Range}");
        await Task.Delay(Delay, context.RequestAborted);
        await Holds($"{context.Request.Method} {path}").WaitAsync(context.RequestAborted);
        var isRead = context.Request.Method == "GET" && context.Request.Headers.Range.Count > 0;
        var fault = isRead ? FaultOf(path) : context.Request.Method is "PUT" or "POST" ? WriteFaultOf(path) : Fault.None;
        if (context.Request.Method == "HEAD" && IsAbsent(path))
        {
            context.Response.StatusCode = 404;
            return;
        }

        switch (fault)
        {
            case Fault.Error or Fault.Busy:
                context.Response.StatusCode = fault == Fault.Error ? 500 : 503;
                return;
            case Fault.Absent:
                await RefuseAsync(context, 404, "NoSuchKey");
                return;
            case Fault.Replaced:
                await RefuseAsync(context, 412, "PreconditionFailed");
                return;
            case Fault.Conflict:
                await RefuseAsync(context, 409, "ConditionalRequestConflict");
                return;
            case Fault.NoConditions when HasCondition(context.Request):
                await RefuseAsync(context, 501, "NotImplemented");
                return;
            case Fault.Silence:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            case Fault.Page:
                await context.Response.WriteAsync("<html>please log in</html>");
                return;
        }

        if (context.Request.Method == "PUT" && _behind is not null && HasCondition(context.Request))
        {
            await WriteAsync(context, _behind, path[$"/{Swift.Bucket}/".Length..]);
            return;
        }

        await PassOnAsync(context, fault);
    }

    private async Task WriteAsync(HttpContext context, S3Bucket behind, string key)
    {
        await _writes.WaitAsync(context.RequestAborted);
        try
        {
            await BeforeWrite();
            if (!Allows(context.Request, (await behind.FindAsync(key, default))?.ETag))
            {
                Refusals++;
                await RefuseAsync(context, 412, "PreconditionFailed");
                return;
            }

            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            body.Position = 0;
            context.Response.Headers.ETag = await behind.PutAsync(key, body, context.Request.ContentType, default, default);
        }
        finally
        {
            _writes.Release();
        }
    }

    private static bool HasCondition(HttpRequest request) => request.Headers.IfMatch.Count + request.Headers.IfNoneMatch.Count > 0;

    private static bool Allows(HttpRequest request, string? tag) =>
        (request.Headers.IfMatch.Count == 0 || request.Headers.IfMatch.ToString().Trim('"') == tag?.Trim('"'))
        && (request.Headers.IfNoneMatch.Count == 0 || tag is null);

    private static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync($"<Error><Code>{code}</Code><Message>as it seems</Message></Error>");
    }

    private async Task PassOnAsync(HttpContext context, Fault fault)
    {
        var began = Stopwatch.GetTimestamp();
        using var asked = RequestOf(context);
        using var answer = await _http.SendAsync(asked, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        BehindTime = Stopwatch.GetElapsedTime(began);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            if (name is not ("Transfer-Encoding" or "Connection" or "Keep-Alive"))
            {
                context.Response.Headers[name] = values.ToArray();
            }
        }

        if (context.Response.Headers.ETag is [{ Length: > 2 } tag] && HasOpaqueTag(context.Request.Path.Value!))
        {
            context.Response.Headers.ETag = $"\"{string.Concat(tag.Trim('"').Reverse())}\"";
        }

        await SendAsync(context, fault, body);
    }

    private HttpRequestMessage RequestOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var asked = new HttpRequestMessage(new HttpMethod(context.Request.Method), _target.GetLeftPart(UriPartial.Authority) + target);
        if (context.Request.ContentLength is not null)
        {
            asked.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers)
        {
            if (name is "Expect" or "Connection")
            {
                continue;
            }

            if (!asked.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                asked.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        return asked;
    }

    private static async Task SendAsync(HttpContext context, Fault fault, byte[] body)
    {
        var (response, half) = (context.Response, body.Length / 2);
        switch (fault)
        {
            case Fault.Short:
                response.ContentLength = half;
                await response.Body.WriteAsync(body.AsMemory(0, half));
                break;
            case Fault.Elsewhere:
                response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes 1-{body.Length}/{body.Length + 1}");
                Array.Reverse(body);
                await response.Body.WriteAsync(body);
                break;
            case Fault.Whole:
                response.StatusCode = 200;
                response.Headers.ContentRange = default;
                Array.Reverse(body);
                await response.Body.WriteAsync(body);
                break;
            case Fault.OtherTag:
                response.Headers.ETag = "\"00000000000000000000000000000000\"";
                Array.Reverse(body);
                await response.Body.WriteAsync(body);
                break;
            case Fault.Cut:
                await response.Body.WriteAsync(body.AsMemory(0, half));
                await ApiStub.CutAsync(context);
                break;
            case Fault.Stall:
                await response.Body.WriteAsync(body.AsMemory(0, half));
                await response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case Fault.Drip:
                for (var at = 0; at < body.Length && !context.RequestAborted.IsCancellationRequested; at++)
                {
                    await response.Body.WriteAsync(body.AsMemory(at, 1));
                    await response.Body.FlushAsync();
                    await Task.Delay(100, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                break;
            default:
                if (body.Length > 0)
                {
                    await response.Body.WriteAsync(body);
                }

                break;
        }
    }
}
