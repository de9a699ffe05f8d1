using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Server.Publishing;

/// <summary>
/// The list of playlists that a player page shows: <c>m3u8_index_cache.json</c>, a JSON array of names. Those of this process who change it wait for each
/// other; about other processes, and answers that are out of date, the target knows (<see cref="IPublishTarget.ChangeAsync"/>).
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

    /// <summary>Of nothing it is certain.</summary>
    public static readonly ListedNames NoOthers = _ => Task.FromResult<IReadOnlyCollection<string>>([]);

    private readonly StripedLocks _locks = new();

    /// <summary>Puts a name at the end, unless it is there.</summary>
    /// <param name="target">Where.</param>
    /// <param name="name">The name.</param>
    /// <param name="others">What is certainly listed there too; if not, it is put back. Asked when it is this change's turn: until then names are taken out.</param>
    /// <param name="ct">Gives up.</param>
    public Task AddAsync(IPublishTarget target, string name, ListedNames others, CancellationToken ct) =>
        ChangeAsync(target, names => [.. names.Union([name])], others, ct);

    /// <summary>Takes a name out.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> RemoveAsync(IPublishTarget target, string name, ListedNames others, CancellationToken ct)
    {
        var wasThere = false;
        await ChangeAsync(target, names =>
        {
            wasThere |= names.Contains(name);
            return [.. names.Where(n => n != name)];
        }, others, ct);
        return wasThere;
    }

    private async Task ChangeAsync(IPublishTarget target, Func<IEnumerable<string>, string[]> change, ListedNames others, CancellationToken ct)
    {
        using var ours = await _locks.EnterAsync(target.Place, ct);
        var certain = await others(ct);
        await target.ChangeAsync(FileName, new FileChange(Apply, Merge), TreeRecord.ContentType, ct);

        byte[]? Apply(byte[]? bytes)
        {
            var before = Parse(bytes, target.Name);
            var after = change(before.Union(certain));
            return after.SequenceEqual(before) ? null : Format(after);
        }

        byte[] Merge(byte[] one, byte[] other) => Format([.. Parse(one, target.Name).Union(Parse(other, target.Name))]);
    }

    private static byte[] Format(string[] names) => JsonSerializer.SerializeToUtf8Bytes(names, Json.StringArray);

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

/// <summary>Names that the list of playlists certainly has.</summary>
internal delegate Task<IReadOnlyCollection<string>> ListedNames(CancellationToken ct);
