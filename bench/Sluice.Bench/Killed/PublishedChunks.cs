using System.Globalization;
using Microsoft.Data.Sqlite;
using Sluice.Server.Catalog;

namespace Sluice.Bench.Killed;

/// <summary>One chunk as the catalog has it.</summary>
internal sealed record PublishedChunk(string Rendition, int Number, long Maker, long SizeBytes, string Sha256, bool IsPlaceholder)
{
    /// <summary>Name of its object.</summary>
    public string FileName => string.Create(CultureInfo.InvariantCulture, $"{Rendition}-{Number}.{Maker}.m4s");
}

/// <summary>What a server had published when it was killed: rows of the catalog, objects of the title, gathered renditions.</summary>
internal sealed record PublishedChunks(
    IReadOnlyDictionary<(string Rendition, int Number), PublishedChunk> Rows, IReadOnlyDictionary<string, (long SizeBytes, DateTime Written)> Objects)
{
    /// <summary>Looks at the data folder of a server that does not run.</summary>
    public static async Task<PublishedChunks> ReadAsync(string dataFolder, string asset)
    {
        SqliteNative.EnsureBound();
        var rows = new Dictionary<(string, int), PublishedChunk>();
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(dataFolder, "catalog.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT rendition, number, maker, size_bytes, hex(sha256), is_placeholder FROM chunks WHERE asset = $asset";
            command.Parameters.AddWithValue("$asset", asset);
            await using var row = await command.ExecuteReaderAsync();
            while (await row.ReadAsync())
            {
                var chunk = new PublishedChunk(row.GetString(0), row.GetInt32(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4), row.GetBoolean(5));
                rows[(chunk.Rendition, chunk.Number)] = chunk;
            }
        }

        var folder = new DirectoryInfo(Path.Combine(dataFolder, "media", asset));
        return new PublishedChunks(rows, folder.EnumerateFiles().ToDictionary(f => f.Name, f => (f.Length, f.LastWriteTimeUtc)));
    }

    /// <summary>Renditions whose payload and index are one file each.</summary>
    public IEnumerable<string> Gathered => Objects.Keys.Where(n => n.EndsWith(".dat", StringComparison.Ordinal)).Select(n => n[..^4]);

    /// <summary>Rows whose object is not there, or is not as long as the row says.</summary>
    public IEnumerable<string> Torn() => Rows.Values.Where(r => !Gathered.Contains(r.Rendition))
        .Where(r => !Objects.TryGetValue(r.FileName, out var o) || o.SizeBytes != r.SizeBytes).Select(r => r.FileName);

    /// <summary>What of this was made again, or is gone, in a later state.</summary>
    public IEnumerable<string> Undone(PublishedChunks later)
    {
        foreach (var (key, row) in Rows)
        {
            var name = $"{row.Rendition}-{row.Number}.";
            if (later.Gathered.Contains(row.Rendition))
            {
                continue;
            }

            if (later.Rows.GetValueOrDefault(key) != row || later.Objects.GetValueOrDefault(row.FileName) != Objects.GetValueOrDefault(row.FileName))
            {
                yield return $"{row.FileName} is not what it was";
            }

            foreach (var other in later.Objects.Keys.Where(o => o.StartsWith(name, StringComparison.Ordinal) && o != row.FileName && !Objects.ContainsKey(o)))
            {
                yield return $"{row.FileName} was made again as {other}";
            }
        }

        foreach (var rendition in Gathered)
        {
            if (later.Objects.GetValueOrDefault(rendition + ".dat") != Objects[rendition + ".dat"] && Rows.Keys.All(k => k.Rendition != rendition))
            {
                yield return $"{rendition} was gathered again";
            }

            foreach (var row in later.Rows.Values.Where(r => r.Rendition == rendition && !Rows.ContainsKey((r.Rendition, r.Number))))
            {
                yield return $"{row.FileName} was made although {rendition} was gathered";
            }
        }
    }
}
