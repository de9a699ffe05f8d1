using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Server.Cli;

/// <summary>
/// Where unfinished uploads of this person are, so that the same command goes on with them: <c>sluice/uploads.json</c> in the folder for a
/// program's own data. What cannot be read or written is forgotten; the upload then begins anew.
/// </summary>
/// <param name="folder">The folder for programs' own data; empty where there is none.</param>
internal sealed class UploadMemory(string folder)
{
    private const int Most = 100;

    private readonly string _path = Path.Combine(folder, "sluice", "uploads.json");

    /// <summary>The memory of the person who runs this.</summary>
    public static UploadMemory OfUser() => new(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create));

    /// <summary>Names what is uploaded: another file, another state of the file or another wish is another upload.</summary>
    public static string KeyOf(Uri server, FileInfo file, string? title, int? minutes) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', server.AbsoluteUri, file.FullName, file.Length, file.LastWriteTimeUtc.Ticks, title, minutes))));

    /// <summary>Where an upload is, or null.</summary>
    public string? Find(string key) => Read().LastOrDefault(u => u.Key == key)?.Url;

    /// <summary>Remembers where an upload is; null forgets it.</summary>
    public void Set(string key, string? url)
    {
        if (folder.Length == 0)
        {
            return;
        }

        try
        {
            var all = Read().Where(u => u.Key != key).TakeLast(Most - 1);
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            var part = $"{_path}.{Environment.ProcessId}";
            File.WriteAllBytes(part, JsonSerializer.SerializeToUtf8Bytes(
                [.. url is null ? all : all.Append(new UnfinishedUpload(key, url))], UploadMemoryJson.Default.UnfinishedUploadArray));
            File.Move(part, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // A home that cannot be written in: it is only not remembered.
        }
    }

    private UnfinishedUpload[] Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(_path), UploadMemoryJson.Default.UnfinishedUploadArray) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}

/// <summary>An upload that has not come to its end.</summary>
internal sealed record UnfinishedUpload(string Key, string Url);

/// <summary>JSON of the memory.</summary>
[JsonSerializable(typeof(UnfinishedUpload[]))]
internal sealed partial class UploadMemoryJson : JsonSerializerContext;
