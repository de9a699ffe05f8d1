using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Server.Publishing;

/// <summary>
/// What lies beside a published tree and says which files belong to it. It is written before any of them, so that a run that was
/// killed can be continued, or what it left removed.
/// </summary>
/// <param name="Source">As <see cref="TitleTree.Source"/>.</param>
/// <param name="Complete">All files are there, and no others.</param>
/// <param name="Index">How the list of playlists names it; null when it does not.</param>
/// <param name="Files">Names from the target's root, in the order in which they are written.</param>
internal sealed record TreeRecord(string Source, bool Complete, string? Index, IReadOnlyList<string> Files)
{
    /// <summary>Media type of the file.</summary>
    public const string ContentType = "application/json";

    /// <summary>What is to be removed first: players begin with these.</summary>
    [JsonIgnore]
    public IEnumerable<string> Manifests => Files.Where(IsManifest).Reverse();

    /// <summary>What is to be removed after those.</summary>
    [JsonIgnore]
    public IEnumerable<string> Media => Files.Where(f => !IsManifest(f));

    /// <summary>The record of a tree; null when there is none.</summary>
    /// <exception cref="PublishException">There is something else in its place.</exception>
    public static async Task<TreeRecord?> ReadAsync(IPublishTarget target, string name, CancellationToken ct)
    {
        if (await target.ReadAsync(name, ct) is not { } bytes)
        {
            return null;
        }

        try
        {
            if (JsonSerializer.Deserialize(bytes, PublishingJson.Default.TreeRecord) is { Source: not null, Files: not null } record
                && record.Files.All(f => Belongs(f, name)))
            {
                return record;
            }
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw new PublishException($"{name} of {target.Name} is no record of a published title.", "Move it away if it is not needed.");
    }

    /// <summary>The record's file.</summary>
    public byte[] Written() => JsonSerializer.SerializeToUtf8Bytes(this, PublishingJson.Default.TreeRecord);

    /// <summary>Who can write the record must not thereby have other titles' files removed.</summary>
    private static bool Belongs(string file, string record)
    {
        var slash = record.LastIndexOf('/') + 1;
        var owner = record.EndsWith(CmafTree.Record, StringComparison.Ordinal)
            ? record[..slash]
            : record[..^TsTree.RecordOf("").Length];
        return file.StartsWith(owner, StringComparison.Ordinal) && !file.Split('/').Any(p => p is "" or "." or "..");
    }

    private static bool IsManifest(string file) =>
        file.EndsWith(".m3u8", StringComparison.Ordinal) || file.EndsWith(".mpd", StringComparison.Ordinal);
}

/// <summary>JSON of what is written beside published titles.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TreeRecord))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class PublishingJson : JsonSerializerContext;
