using System.Collections;
using System.Globalization;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>The options, the binding table and <c>sluice.example.yml</c> say the same.</summary>
public class ConfigurationReferenceTests
{
    /// <summary>All but the channels, of which <see cref="StreamsReferenceTests"/> takes care.</summary>
    private static readonly string[] ExampleLines =
        [.. File.ReadLines(RepositoryRoot.File("sluice.example.yml")).TakeWhile(line => line != "options:")];

    private static readonly Dictionary<string, object?> Defaults = Flat(new SluiceOptions()).ToDictionary();

    /// <summary>Keys without a default, which the example shows commented out.</summary>
    private static readonly string[] Optional =
        ["secret", "publicUrl", "encoder", "ffmpeg", "watch", "certificate", "key", "python", "listen", "scratch", "url", "pin", "authority", "endpoint", "bucket", "catalog", "catalogPassword",
         "accessKey", "secretKey", "monitor", "password", "passwordFile", "address"];

    [Fact]
    public void Every_option_can_be_configured() =>
        ConfigurationKeys.All.Select(k => k.Path).ShouldBe(Defaults.Keys, ignoreOrder: true);

    [Fact]
    public void Every_key_is_in_the_example_and_every_key_there_exists() =>
        KeysOfExample().Select(k => k.Path).ShouldBe(Defaults.Keys, ignoreOrder: true);

    [Fact]
    public void Every_key_of_the_example_has_a_comment_above_it()
    {
        foreach (var (path, line) in KeysOfExample())
        {
            var above = ExampleLines[line - 1].Trim();
            above.ShouldStartWith("#", customMessage: $"{path} in line {line + 1}");
        }
    }

    [Fact]
    public void The_example_gives_the_defaults()
    {
        var given = YamlSettings.Read(new StringReader(string.Join('\n', ExampleLines)), "sluice.example.yml").Settings
            .ToDictionary(s => s.Path, s => string.Join(',', s.Values));

        given.ShouldBe(Defaults.Where(d => d.Value is not null).ToDictionary(d => d.Key, d => Text(d.Value!)), ignoreOrder: true);
    }

    [Fact]
    public void Every_key_reaches_its_own_option()
    {
        foreach (var key in ConfigurationKeys.All)
        {
            var options = new SluiceOptions();
            var value = Another(Defaults[key.Path], key.Path);

            key.TrySet(options, [value]).ShouldBeTrue(key.Path);

            Changed(options).ShouldBe([key.Path]);
        }
    }

    /// <summary>Keys of the example, those commented out included, with the index of their line.</summary>
    private static IEnumerable<(string Path, int Line)> KeysOfExample()
    {
        var (section, inner) = ("", "");
        foreach (var (index, line) in ExampleLines.Index())
        {
            var key = Optional.Aggregate(line, (text, name) => text.Replace($"# {name}:", name + ":", StringComparison.Ordinal));
            if (key.Trim() is not { Length: > 0 } text || text[0] == '#')
            {
                continue;
            }

            var name = text[..text.IndexOf(':', StringComparison.Ordinal)];
            if (Defaults.ContainsKey(name))
            {
                yield return (name, index);
            }
            else if (key.StartsWith("    ", StringComparison.Ordinal))
            {
                yield return ($"{section}.{inner}.{name}", index);
            }
            else if (key[0] == ' ' && Defaults.Keys.Any(known => known.StartsWith($"{section}.{name}.", StringComparison.Ordinal)))
            {
                inner = name;
            }
            else if (key[0] == ' ')
            {
                yield return (section + "." + name, index);
            }
            else
            {
                section = name;
            }
        }
    }

    private static string Another(object? value, string path) => path switch
    {
        "server.host" => "::1",
        "server.publicUrl" or "server.allowedOrigins" or "access.allowedOrigins" or "pipekv.url" or "cluster.address" => "https://video.example",
        "server.trustedProxies" => "10.0.0.0/8",
        "transcode.codec" => "av1",
        "transcode.ffmpeg" => Path.GetFullPath("ffmpeg"),
        "torrents.python" => Path.GetFullPath("python3"),
        "torrents.listen" or "server.monitor" => "0.0.0.0:6881",
        "roles" => "worker",
        "queue.url" => "amqp://user@broker/vhost",
        "ladder" => "720",
        "pipekv.pin" => new string('a', 64),
        "publish.targets" => "web=/srv/www",
        "storage.catalog" => "postgres://sluice@db.example/sluice",
        "storage.s3.endpoint" => "https://s3.example",
        "storage.s3.prefix" => "videos/",
        "outbound.allow" => "nas.lan:8080",
        _ => value switch
        {
            bool flag => flag ? "false" : "true",
            int or long or double => (Convert.ToDouble(value, CultureInfo.InvariantCulture) + 1).ToString("0", CultureInfo.InvariantCulture),
            _ => new string('x', 40),
        },
    };

    private static IEnumerable<string> Changed(SluiceOptions options) =>
        Flat(options).Where(o => Text(o.Value ?? "") != Text(Defaults[o.Key] ?? "")).Select(o => o.Key);

    /// <summary>Every key with its value: those of the sections, of the sections in them, and the lists beside them.</summary>
    private static IEnumerable<KeyValuePair<string, object?>> Flat(object options, string path = "") =>
        from property in options.GetType().GetProperties()
        let name = path + Camel(property.Name)
        from pair in property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)
            ? Flat(property.GetValue(options)!, name + ".")
            : [KeyValuePair.Create(name, property.GetValue(options))]
        select pair;

    private static string Text(object value) => value is IEnumerable list and not string
        ? string.Join(',', list.Cast<object>())
        : value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
