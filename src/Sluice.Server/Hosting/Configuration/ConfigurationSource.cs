using System.Text;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>The configuration file together with what beats it, so that it can be read again while the server runs.</summary>
/// <param name="file">Full path.</param>
/// <param name="environment">Environment variables.</param>
/// <param name="commandLine">Settings given as options of the command.</param>
internal sealed class ConfigurationSource(
    string file, IReadOnlyList<KeyValuePair<string, string>> environment, IReadOnlyList<Setting> commandLine)
{
    /// <summary>Largest file that is read: ten thousand channels have room in it.</summary>
    private const int MostBytes = 4 << 20;

    /// <summary>Name of the file, for messages.</summary>
    public string Name { get; } = Path.GetFileName(file);

    /// <summary>When the file was last written. Cheap, and not to be trusted alone: of a link it is the link's.</summary>
    public DateTime WrittenAt => File.GetLastWriteTimeUtc(file);

    /// <summary>The bytes of the file, whatever they say.</summary>
    /// <exception cref="SetupException">It cannot be read, or is too large.</exception>
    public byte[] Read()
    {
        try
        {
            var info = new FileInfo(file);
            return info.Length <= MostBytes
                ? File.ReadAllBytes(file)
                : throw new SetupException($"{Name} is larger than a configuration can be ({MostBytes >> 20} MiB).");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The configuration file {file} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The configuration with these bytes as the file.</summary>
    /// <exception cref="SetupException">A key is unknown, or a value not allowed.</exception>
    public LoadedConfiguration Parse(byte[] bytes)
    {
        using var reader = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
        var contents = YamlSettings.Read(reader, Name);
        return ConfigurationLoader.Combine(contents.Settings, environment, commandLine) with
        {
            Channels = contents.Channels,
            FileSettings = contents.Settings,
            IsEmpty = contents.IsEmpty,
            Content = bytes,
            Source = this,
        };
    }
}
