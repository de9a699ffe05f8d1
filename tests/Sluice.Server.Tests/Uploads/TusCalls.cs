using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Shouldly;

namespace Sluice.Server.Tests.Uploads;

/// <summary>Requests of tus 1.0.0, each as a client that keeps to the protocol sends it unless told otherwise.</summary>
internal sealed class TusCalls(HttpClient http)
{
    public const string Root = "/api/v1/uploads";
    public const string BodyType = "application/offset+octet-stream";

    /// <summary>Sent with every request; null for a client that sends none.</summary>
    public string? Version { get; init; } = "1.0.0";

    public string? Bearer { get; init; }

    /// <summary>Announces an upload and answers with its path.</summary>
    public async Task<string> NewAsync(long length, params (string Name, string Value)[] headers)
    {
        using var answer = await CreateAsync(length, headers);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return PathOf(answer);
    }

    public Task<HttpResponseMessage> CreateAsync(long length, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, Root, null, [("Upload-Length", length.ToString(null, null)), .. headers]);

    public Task<HttpResponseMessage> HeadAsync(string path) => SendAsync(HttpMethod.Head, path, null);

    public Task<HttpResponseMessage> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public Task<HttpResponseMessage> PatchAsync(string path, long offset, byte[] body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, path, Body(body), [("Upload-Offset", offset.ToString(null, null)), .. headers]);

    /// <summary>Where an upload is, by HEAD.</summary>
    public async Task<long> OffsetAsync(string path)
    {
        using var answer = await HeadAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return long.Parse(answer.Header("Upload-Offset"), null);
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body };
        if (Version is not null)
        {
            request.Headers.TryAddWithoutValidation("Tus-Resumable", Version);
        }

        request.Headers.Authorization = Bearer is null ? null : new AuthenticationHeaderValue("Bearer", Bearer);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return http.SendAsync(request);
    }

    public static ByteArrayContent Body(byte[] bytes, string type = BodyType)
    {
        var body = new ByteArrayContent(bytes);
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return body;
    }

    public static string PathOf(HttpResponseMessage answer) => answer.Headers.Location!.ToString();

    public static string IdOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>A value of Upload-Metadata.</summary>
    public static string Metadata(params (string Key, string Value)[] pairs) =>
        string.Join(',', pairs.Select(p => $"{p.Key} {Convert.ToBase64String(Encoding.UTF8.GetBytes(p.Value))}"));

    /// <summary>A file that <see cref="Support.SluiceServer"/> takes for a playable one, of this size.</summary>
    public static byte[] File(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        "MEDIA"u8.CopyTo(bytes);
        return bytes;
    }
}

/// <summary>Headers of an answer.</summary>
internal static class AnswerHeaders
{
    public static string Header(this HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();
}
