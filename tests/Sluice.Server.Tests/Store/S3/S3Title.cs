using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>A title of a server that has its media in a bucket, or not, as its viewers see it.</summary>
internal sealed record S3Title(SluiceServer Server, string Id, string Token)
{
    public Uri At(string name) => new(Server.Http.BaseAddress!, $"/stream/{Id}/{name}?token={Token}");

    /// <summary>Init segment and segments of a track; <c>ts</c> is the first rendition in MPEG-TS.</summary>
    public async Task<IReadOnlyList<Uri>> SegmentsAsync(string track)
    {
        var name = track == "ts" ? "v0" : track;
        var playlist = (await ListAsync(At("master.m3u8"))).First(u => u.AbsolutePath.EndsWith($"/{name}/index.m3u8", StringComparison.Ordinal));
        if (track == "ts")
        {
            playlist = new Uri(playlist.AbsoluteUri.Replace("/v0/index", "/ts/v0-a0/index", StringComparison.Ordinal));
        }

        return await ListAsync(playlist);
    }

    private async Task<IReadOnlyList<Uri>> ListAsync(Uri playlist)
    {
        var text = await Server.Http.GetStringAsync(playlist);
        return [.. Regex.Matches(text, "^(?!#)(?<uri>\\S+)|URI=\"(?<uri>[^\"]+)\"", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            .Select(m => new Uri(playlist, m.Groups["uri"].Value))];
    }

    public static void Use(SluiceOptions options, S3Options s3)
    {
        var to = options.Storage.S3;
        (to.Endpoint, to.Bucket, to.Prefix, to.AccessKey, to.SecretKey) = (s3.Endpoint, s3.Bucket, s3.Prefix, s3.AccessKey, s3.SecretKey);
        (to.PartBytes, to.CacheBytes) = (s3.PartBytes, s3.CacheBytes);
    }

    public static async Task SaveAsync(SparseFile film, string path)
    {
        await using var file = File.Create(path);
        var piece = new byte[1 << 20];
        for (var at = 0L; at < film.Length;)
        {
            var count = film.Read(at, piece);
            await file.WriteAsync(piece.AsMemory(0, count));
            at += count;
        }
    }

    public static async Task<S3Title> PublishAsync(SluiceServer server, string file)
    {
        using var answer = await server.UploadFileAsync(file);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("\"ready\"");
        var media = await answer.JsonAsync();
        return new S3Title(server, media.Text("id"), media.GetProperty("playback").Text("token"));
    }
}
