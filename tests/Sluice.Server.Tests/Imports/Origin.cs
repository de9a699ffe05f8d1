using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Server.Tests.Cli;

namespace Sluice.Server.Tests.Imports;

/// <summary>Somebody else's server with one file, which behaves as well as a test wants it to.</summary>
internal sealed class Origin : IAsyncDisposable
{
    private ApiStub _stub = null!;

    /// <summary>The file; begins so that the harness takes it for one that plays.</summary>
    public byte[] Content { get; set; } = Make(1);

    /// <summary>Entity tag; null gives none.</summary>
    public string? Tag { get; set; } = "\"v1\"";

    /// <summary>Whether parts are given.</summary>
    public bool HasRanges { get; set; } = true;

    /// <summary>Whether the length is said.</summary>
    public bool SaysLength { get; set; } = true;

    /// <summary>Media type.</summary>
    public string Type { get; set; } = "video/mp4";

    /// <summary>Name in Content-Disposition; null gives none.</summary>
    public string? FileName { get; set; }

    /// <summary>Bytes after which an answer is cut off; null for none.</summary>
    public int? CutsAfter { get; set; }

    /// <summary>Statuses of the next answers, instead of the file.</summary>
    public Queue<int> Statuses { get; } = new();

    /// <summary>Bytes after which an answer waits for <see cref="LetGo"/>; null for none.</summary>
    public int? HoldsAfter { get; set; }

    /// <summary>Time between two pieces of 16 KB.</summary>
    public TimeSpan Pause { get; set; }

    /// <summary>Ranges that were asked for; empty for all of it.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Users that asked, as they said it.</summary>
    public List<string> Users { get; } = [];

    /// <summary>What a held answer waits for.</summary>
    public TaskCompletionSource LetGo { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Url => $"{_stub.Url}films/clip%20one.mp4?sig=s3cret";

    public static async Task<Origin> StartAsync()
    {
        var origin = new Origin();
        origin._stub = await ApiStub.StartAsync(origin.AnswerAsync);
        return origin;
    }

    /// <summary>A file of a megabyte.</summary>
    public static byte[] Make(int seed)
    {
        var content = new byte[1 << 20];
        new Random(seed).NextBytes(content);
        Encoding.ASCII.GetBytes("MEDIA").CopyTo(content, 0);
        return content;
    }

    public ValueTask DisposeAsync() => _stub.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        Asked.Add(request.Headers.Range.ToString());
        Users.Add(request.Headers.Authorization.ToString());
        if (Statuses.TryDequeue(out var status))
        {
            response.StatusCode = status;
            return;
        }

        var from = 0;
        if (HasRanges && request.Headers.Range.ToString() is { Length: > 0 } range && (request.Headers.IfRange.Count == 0 || request.Headers.IfRange == Tag))
        {
            from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
            response.StatusCode = from < Content.Length ? 206 : 416;
            response.Headers.ContentRange = from < Content.Length ? $"bytes {from}-{Content.Length - 1}/{Content.Length}" : $"bytes */{Content.Length}";
        }

        response.ContentType = Type;
        response.Headers.ETag = Tag;
        response.Headers.ContentDisposition = FileName is null ? default : $"attachment; filename*=UTF-8''{Uri.EscapeDataString(FileName)}";
        if (response.StatusCode != 416)
        {
            await SendAsync(context, from);
        }
    }

    private async Task SendAsync(HttpContext context, int from)
    {
        var response = context.Response;
        response.ContentLength = SaysLength ? Content.Length - from : null;
        var sent = 0;
        while (from + sent < Content.Length)
        {
            if (sent >= CutsAfter)
            {
                await ApiStub.CutAsync(context);
                return;
            }

            if (sent >= HoldsAfter)
            {
                await LetGo.Task.WaitAsync(context.RequestAborted);
            }

            var count = Math.Min(16 * 1024, Content.Length - from - sent);
            await response.Body.WriteAsync(Content.AsMemory(from + sent, count));
            await response.Body.FlushAsync();
            await Task.Delay(Pause);
            sent += count;
        }
    }
}
