using System.Globalization;
using System.Text;
using Microsoft.Net.Http.Headers;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Deliver;

/// <summary>Sends the file that a title was made of, to be kept: byte for byte as it was uploaded.</summary>
internal sealed class SourceDelivery(IObjectStore store, SluiceOptions options)
{
    /// <summary>No browser shows it, or runs what is in it.</summary>
    private const string Bytes = "application/octet-stream";

    /// <summary>A link that was revoked opens nothing that a cache kept.</summary>
    private const string NoCache = "private, no-cache";

    /// <summary>Longer names are cut before their ending: no file system takes more bytes.</summary>
    private const int LongestNameBytes = 240;

    private const int LongestEnding = 16;

    private static readonly Rune Underscore = new('_');

    /// <summary>What some system does not take in a name.</summary>
    private static readonly HashSet<Rune> Forbidden = [.. "/\\:*?\"<>|".EnumerateRunes()];

    /// <summary>Sends it, or a part of it.</summary>
    public async Task SendAsync(HttpContext context, Asset asset)
    {
        if (DownloadRule.Refusal(asset, options) is { } reason)
        {
            await Problem.WriteAsync(context, ErrorCode.DownloadRefused, reason);
            return;
        }

        if (asset.State == AssetState.Arriving)
        {
            context.Response.Headers.RetryAfter = "5";
            await Problem.WriteAsync(context, ErrorCode.MediaArriving, "Its file can be had when all of it is there.");
            return;
        }

        store.Doubt(asset.Id, asset.Revision);
        using var stored = await store.OpenAsync(ObjectKey.Source(asset.Id), context.RequestAborted);
        if (stored is null)
        {
            await Problem.WriteAsync(context, ErrorCode.MediaUnknown);
            return;
        }

        context.Response.Headers.ContentDisposition = Disposition(asset);
        var etag = asset.Sha256 ?? string.Create(CultureInfo.InvariantCulture, $"{asset.Id}-{stored.Length}");
        await ObjectBody.SendAsync(context, stored, default, 0, Bytes, NoCache, $"\"{etag}\"");
    }

    /// <summary>To be kept under its own name (RFC 6266): in ASCII for old programs, and as it is for all others.</summary>
    internal static string Disposition(Asset asset)
    {
        var header = new ContentDispositionHeaderValue("attachment");
        header.SetHttpFileName(NameOf(asset.FileName) ?? NameOf(asset.Title) ?? asset.Id.Value);
        return header.ToString();
    }

    /// <summary>A name that is one on any system: no folders, no line ends, nothing that turns its ending around. Null when nothing is left.</summary>
    private static string? NameOf(string given)
    {
        Rune[] runes = [.. given.EnumerateRunes().Where(r => !Rune.IsControl(r) && !IsDirection(r.Value)).Select(r => Forbidden.Contains(r) ? Underscore : r)];
        var name = string.Concat(runes).Trim(' ', '.');
        if (name.Length == 0)
        {
            return null;
        }

        var ending = Path.GetExtension(name) is { Length: <= LongestEnding } own ? own : "";
        var stem = name[..^ending.Length].EnumerateRunes().ToList();
        while (stem.Count > 1 && stem.Sum(r => r.Utf8SequenceLength) + Encoding.UTF8.GetByteCount(ending) > LongestNameBytes)
        {
            stem.RemoveAt(stem.Count - 1);
        }

        return string.Concat(stem) + ending;
    }

    /// <summary>Marks, embeddings, overrides and isolates of direction: <c>…exe.4pm</c> is read from its end.</summary>
    private static bool IsDirection(int rune) => rune is 0x200E or 0x200F or 0x061C or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
