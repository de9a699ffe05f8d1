using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Server.Publishing;

/// <summary>
/// The list of playlists that a player page shows: <c>m3u8_index_cache.json</c>, a JSON array of names. It is read, changed and written back
/// under a lock, so that two who publish at once lose nothing: one of this process, and one of the target where it has such.
/// </summary>
internal sealed class PlaylistIndex
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "m3u8_index_cache.json";

    private static readonly PublishingJson Json = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // It is a file of its own, never part of a page: names stay readable.
        WriteIndented = true,
    });

    private readonly StripedLocks _locks = new();

    /// <summary>Puts a name at the end, unless it is there.</summary>
    public Task AddAsync(IPublishTarget target, string name, CancellationToken ct) =>
        ChangeAsync(target, names => names.Contains(name) ? names : [.. names, name], ct);

    /// <summary>Takes a name out.</summary>
    public Task RemoveAsync(IPublishTarget target, string name, CancellationToken ct) =>
        ChangeAsync(target, names => names.Contains(name) ? [.. names.Where(n => n != name)] : names, ct);

    private async Task ChangeAsync(IPublishTarget target, Func<string[], string[]> change, CancellationToken ct)
    {
        using var ours = await _locks.EnterAsync(target.Name, ct);
        using var theirs = target is ILockableTarget lockable ? await lockable.LockAsync(FileName, ct) : null;
        var before = Parse(await target.ReadAsync(FileName, ct), target.Name);
        var after = change(before);
        if (!ReferenceEquals(before, after))
        {
            await target.PutAsync(FileName, JsonSerializer.SerializeToUtf8Bytes(after, Json.StringArray), TreeRecord.ContentType, ct);
        }
    }

    /// <summary>Whatever else is in there is somebody's: it is not written over.</summary>
    private static string[] Parse(byte[]? bytes, string target)
    {
        try
        {
            if (bytes is null)
            {
                return [];
            }

            if (JsonSerializer.Deserialize(bytes, Json.StringArray) is { } names && names.All(n => n is not null))
            {
                return names;
            }
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw new PublishException($"{FileName} of {target} is no JSON array of names.", "Mend it, or move it away; nothing was listed or taken out.");
    }
}
