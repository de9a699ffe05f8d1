using System.Globalization;
using System.Net;
using System.Text;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Jobs.RabbitMq;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;
using Sluice.Server.Publishing;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>
/// Every key there is, bound by hand: nothing is found by reflection, which would cost start-up time, and every limit
/// stands in one place. A test holds that this table, <see cref="SluiceOptions"/> and <c>sluice.example.yml</c> agree.
/// </summary>
internal static class ConfigurationKeys
{
    private const int MostPerSecond = 1_000_000;
    private const int MinutesInTenYears = 10 * 366 * 24 * 60;

    /// <summary>The table.</summary>
    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        List("roles", "api, worker and live", v => NodeRoles.Names.Contains(v), (o, v) => o.Roles = v),
        Text("server.host", "an IP address, or localhost", IsBindable, (o, v) => o.Server.Host = v),
        Whole("server.port", 0, 65535, (o, v) => o.Server.Port = (int)v),
        List("server.allowedHosts", "host names without scheme, port or path", IsHostName, (o, v) => o.Server.AllowedHosts = v),
        List("server.allowedOrigins", "origins, such as http://localhost:8080", IsOrigin, (o, v) => o.Server.AllowedOrigins = v),
        Text("server.publicUrl", "an http or https URL without path, such as https://video.example.org", IsHome,
            (o, v) => o.Server.PublicUrl = v),
        Text("server.certificate", "a file", v => v.Length > 0, (o, v) => o.Server.Certificate = v),
        Text("server.key", "a file", v => v.Length > 0, (o, v) => o.Server.Key = v),
        List("server.trustedProxies", "IP addresses, or networks such as 10.0.0.0/8", v => AddressRange.TryParse(v, out _), (o, v) => o.Server.TrustedProxies = v),
        Whole("server.hstsDays", 0, 3650, (o, v) => o.Server.HstsDays = (int)v),
        Text("server.monitor", "an IP address and a port, such as 0.0.0.0:9100", IsEndPoint, (o, v) => o.Server.Monitor = v),
        Text("storage.data", "a folder", v => v.Length > 0, (o, v) => o.Storage.Data = v),
        Text("storage.catalog", PostgresAddress.Rule, PostgresAddress.IsAddress, (o, v) => o.Storage.Catalog = v) with { IsSecret = true },
        Text("storage.catalogPassword", "a text", v => v.Length > 0, (o, v) => o.Storage.CatalogPassword = v) with { IsSecret = true },
        Whole("storage.reserveBytes", 0, long.MaxValue, (o, v) => o.Storage.ReserveBytes = v),
        Text("storage.s3.endpoint", "an http or https URL without path, such as https://s3.example.org", IsHome, (o, v) => o.Storage.S3.Endpoint = v),
        Text("storage.s3.region", "the name of a region", IsName, (o, v) => o.Storage.S3.Region = v),
        Text("storage.s3.bucket", "the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens", IsBucket, (o, v) => o.Storage.S3.Bucket = v),
        Text("storage.s3.prefix", "empty, or letters, digits, '.', '_', '-' and '/' with a '/' at the end", IsPrefix, (o, v) => o.Storage.S3.Prefix = v),
        Text("storage.s3.accessKey", "a text", v => v.Length > 0, (o, v) => o.Storage.S3.AccessKey = v) with { IsSecret = true },
        Text("storage.s3.secretKey", "a text", v => v.Length > 0, (o, v) => o.Storage.S3.SecretKey = v) with { IsSecret = true },
        Text("storage.s3.pathStyle", "true or false", IsBoolean, (o, v) => o.Storage.S3.PathStyle = bool.Parse(v)),
        Whole("storage.s3.cacheBytes", 64 << 20, long.MaxValue, (o, v) => o.Storage.S3.CacheBytes = v),
        Whole("storage.s3.partBytes", 5 << 20, 512 << 20, (o, v) => o.Storage.S3.PartBytes = v),
        Text("queue.url", BrokerAddress.Rule, v => BrokerAddress.TryParse(v, out _), (o, v) => o.Queue.Url = v) with { IsSecret = true },
        Text("queue.password", "a text", v => v.Length > 0, (o, v) => o.Queue.Password = v) with { IsSecret = true },
        Text("queue.passwordFile", "a file", v => v.Length > 0, (o, v) => o.Queue.PasswordFile = v),
        Text("queue.prefix", "a word of letters, digits, '_' and '-'", IsName, (o, v) => o.Queue.Prefix = v),
        Text("cluster.address", "an http or https URL without path, such as http://10.0.0.5:8080", IsHome, (o, v) => o.Cluster.Address = v),
        Whole("ingest.maxUploadBytes", 1, long.MaxValue, (o, v) => o.Ingest.MaxUploadBytes = v),
        Whole("ingest.maxUploads", 1, 1000, (o, v) => o.Ingest.MaxUploads = (int)v),
        Whole("ingest.maxUploadsPerClient", 1, 1000, (o, v) => o.Ingest.MaxUploadsPerClient = (int)v),
        Whole("ingest.maxUnfinished", 1, 100_000, (o, v) => o.Ingest.MaxUnfinished = (int)v),
        Whole("ingest.maxUnfinishedBytes", 1, long.MaxValue, (o, v) => o.Ingest.MaxUnfinishedBytes = v),
        Whole("ingest.unfinishedMinutes", 1, MinutesInTenYears, (o, v) => o.Ingest.UnfinishedMinutes = (int)v),
        Text("ingest.durable", "true or false", IsBoolean, (o, v) => o.Ingest.Durable = bool.Parse(v)),
        Whole("ingest.maxImports", 1, 100, (o, v) => o.Ingest.MaxImports = (int)v),
        Whole("ingest.importMinutes", 1, MinutesInTenYears, (o, v) => o.Ingest.ImportMinutes = (int)v),
        Text("ingest.resolvers", "true or false", IsBoolean, (o, v) => o.Ingest.Resolvers = bool.Parse(v)),
        Text("ingest.watch", "a folder", v => v.Length > 0, (o, v) => o.Ingest.Watch = v),
        Text("ingest.watchFolders", "true or false", IsBoolean, (o, v) => o.Ingest.WatchFolders = bool.Parse(v)),
        Whole("ingest.watchSeconds", 1, 3600, (o, v) => o.Ingest.WatchSeconds = (int)v),
        List("outbound.allow", "host:port, or networks such as 10.0.0.0/8", v => Allowance.TryParse(v, out _), (o, v) => o.Outbound.Allow = v),
        Text("torrents.enabled", "true or false", IsBoolean, (o, v) => o.Torrents.Enabled = bool.Parse(v)),
        Text("torrents.python", "the full path of python3", Path.IsPathFullyQualified, (o, v) => o.Torrents.Python = v),
        Text("torrents.listen", "an IP address and a port, such as 0.0.0.0:6881", IsEndPoint, (o, v) => o.Torrents.Listen = v),
        Text("torrents.dht", "true or false", IsBoolean, (o, v) => o.Torrents.Dht = bool.Parse(v)),
        Whole("torrents.mostBytes", 1, long.MaxValue, (o, v) => o.Torrents.MostBytes = v),
        Whole("torrents.mostFiles", 1, 100_000, (o, v) => o.Torrents.MostFiles = (int)v),
        Whole("torrents.mostPeers", 1, 10_000, (o, v) => o.Torrents.MostPeers = (int)v),
        Whole("torrents.uploadRate", 0, int.MaxValue, (o, v) => o.Torrents.UploadRate = (int)v),
        Number("package.segmentSeconds", 1, 30, (o, v) => o.Package.SegmentSeconds = v),
        Text("transcode.enabled", "true or false", IsBoolean, (o, v) => o.Transcode.Enabled = bool.Parse(v)),
        Text("transcode.ffmpeg", "the full path of ffmpeg", Path.IsPathFullyQualified, (o, v) => o.Transcode.Ffmpeg = v),
        Text("transcode.ladderForCopied", "true or false", IsBoolean, (o, v) => o.Transcode.LadderForCopied = bool.Parse(v)),
        Number("transcode.chunkSeconds", 1, 10, (o, v) => o.Transcode.ChunkSeconds = v),
        Text("transcode.codec", "h264, hevc or av1", v => v is "h264" or "hevc" or "av1", (o, v) => o.Transcode.Codec = v),
        Text("transcode.encoder", "ffmpeg's name of an encoder", IsName, (o, v) => o.Transcode.Encoder = v),
        Text("transcode.preset", "a preset's name or number", IsName, (o, v) => o.Transcode.Preset = v),
        Whole("transcode.threads", 0, 64, (o, v) => o.Transcode.Threads = (int)v),
        Whole("transcode.backgroundTasks", 0, 64, (o, v) => o.Transcode.BackgroundTasks = (int)v),
        Whole("transcode.urgentTasks", 0, 64, (o, v) => o.Transcode.UrgentTasks = (int)v),
        Whole("transcode.runSeconds", 10, 3600, (o, v) => o.Transcode.RunSeconds = (int)v),
        Whole("transcode.waitSeconds", 1, 60, (o, v) => o.Transcode.WaitSeconds = (int)v),
        Whole("transcode.silenceSeconds", 1, 3600, (o, v) => o.Transcode.SilenceSeconds = (int)v),
        Whole("transcode.memoryBytes", 256L << 20, long.MaxValue, (o, v) => o.Transcode.MemoryBytes = v),
        List("ladder", "heights from 64 to 4320", IsHeight, (o, v) => o.Ladder = [.. v.Select(h => (int)(TryWhole(h, out var n) ? n : 0))]),
        Map("publish.targets", "names (lower-case letters, digits and hyphens), each with " + TargetAddress.Rule,
            (name, address) => ChannelName.IsValid(name) && TargetAddress.TryParse(address) is not null, (o, v) => o.Publish.Targets = v),
        Whole("publish.parallel", 1, 64, (o, v) => o.Publish.Parallel = (int)v),
        // HS256 wants a key as long as its hash (RFC 7518 section 3.2).
        Text("access.secret", "a text of 32 bytes or more", v => Encoding.UTF8.GetByteCount(v) >= 32, (o, v) => o.Access.Secret = v) with { IsSecret = true },
        Whole("access.tokenMinutes", 1, MinutesInTenYears, (o, v) => o.Access.TokenMinutes = (int)v),
        Whole("access.sessionMinutes", 1, MinutesInTenYears, (o, v) => o.Access.SessionMinutes = (int)v),
        List("access.allowedOrigins", OriginList.Rule, v => OriginList.TryParse([v], out _), (o, v) => o.Access.AllowedOrigins = v),
        Text("access.allowNoReferer", "true or false", IsBoolean, (o, v) => o.Access.AllowNoReferer = bool.Parse(v)),
        Text("access.downloads", "true or false", IsBoolean, (o, v) => o.Access.Downloads = bool.Parse(v)),
        Whole("rateLimits.manifests", 0, MostPerSecond, (o, v) => o.RateLimits.Manifests = (int)v),
        Whole("rateLimits.published", 0, MostPerSecond, (o, v) => o.RateLimits.Published = (int)v),
        Whole("rateLimits.tokens", 0, MostPerSecond, (o, v) => o.RateLimits.Tokens = (int)v),
        Whole("rateLimits.uploads", 0, MostPerSecond, (o, v) => o.RateLimits.Uploads = (int)v),
        Whole("rateLimits.wrongKeys", 0, MostPerSecond, (o, v) => o.RateLimits.WrongKeys = (int)v),
        Text("quality.reports", "true or false", IsBoolean, (o, v) => o.Quality.Reports = bool.Parse(v)),
        Whole("retention.graceMinutes", 0, MinutesInTenYears, (o, v) => o.Retention.GraceMinutes = (int)v),
        Whole("retention.sweepSeconds", 1, 86400, (o, v) => o.Retention.SweepSeconds = (int)v),
        Whole("live.maxViewers", 1, ChannelBounds.MostViewers, (o, v) => o.Live.MaxViewers = (int)v),
        Whole("rooms.most", 0, 10_000, (o, v) => o.Rooms.Most = (int)v),
        Whole("rooms.members", 2, 1000, (o, v) => o.Rooms.Members = (int)v),
        Whole("rooms.waitSeconds", 0, 60, (o, v) => o.Rooms.WaitSeconds = (int)v),
        Text("sessions.open", "true or false", IsBoolean, (o, v) => o.Sessions.Open = bool.Parse(v)),
        Whole("sessions.most", 1, 1000, (o, v) => o.Sessions.Most = (int)v),
        Whole("sessions.idleSeconds", 30, 86400, (o, v) => o.Sessions.IdleSeconds = (int)v),
        Whole("sessions.openSeconds", 5, 86400, (o, v) => o.Sessions.OpenSeconds = (int)v),
        Text("sessions.scratch", "a folder", v => v.Length > 0, (o, v) => o.Sessions.Scratch = v),
        Whole("sessions.scratchBytes", 1 << 20, long.MaxValue, (o, v) => o.Sessions.ScratchBytes = v),
        Whole("sessions.cacheBytes", 8 << 20, long.MaxValue, (o, v) => o.Sessions.CacheBytes = v),
        Whole("sessions.encodedBytes", 16 << 20, long.MaxValue, (o, v) => o.Sessions.EncodedBytes = v),
        Text("pipekv.url", "an https URL without path, such as https://node.example.org", v => IsHome(v) && v.StartsWith("https:", StringComparison.OrdinalIgnoreCase),
            (o, v) => o.Pipekv.Url = v),
        // A header's value (RFC 9110 section 5.5).
        Text("pipekv.key", "a text of visible characters", v => v.Length > 0 && v.All(c => c is > ' ' and <= '~'), (o, v) => o.Pipekv.Key = v) with { IsSecret = true },
        Text("pipekv.pin", "a SHA-256 in hexadecimal", v => ServerTrust.TryParsePin(v, out _), (o, v) => o.Pipekv.Pin = v),
        Text("pipekv.authority", "a file", v => v.Length > 0, (o, v) => o.Pipekv.Authority = v),
        Whole("pipekv.mostBytes", 1 << 20, int.MaxValue, (o, v) => o.Pipekv.MostBytes = v),
        Whole("pipekv.cacheBytes", 0, long.MaxValue, (o, v) => o.Pipekv.CacheBytes = v),
        List("pipekv.allowedReferers", OriginList.SiteRule, v => OriginList.TryParseSites([v], out _), (o, v) => o.Pipekv.AllowedReferers = v),
    ];

    /// <summary>The key of this path, or null. Case is ignored: environment variables have none.</summary>
    public static ConfigurationKey? Find(string path) =>
        All.FirstOrDefault(k => k.Path.Equals(path, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether keys stand below this path.</summary>
    public static bool IsSection(string path) =>
        All.Any(k => k.Path.StartsWith(path + ".", StringComparison.OrdinalIgnoreCase));

    private static ConfigurationKey Text(string path, string allowed, Func<string, bool> ok, Action<SluiceOptions, string> set) =>
        new(path, allowed, false, (options, values) =>
        {
            var valid = ok(values[0]);
            if (valid)
            {
                set(options, values[0]);
            }

            return valid;
        });

    private static ConfigurationKey List(string path, string allowed, Func<string, bool> ok, Action<SluiceOptions, string[]> set) =>
        new(path, allowed, true, (options, values) =>
        {
            var valid = values.All(ok);
            if (valid)
            {
                set(options, [.. values]);
            }

            return valid;
        });

    private static ConfigurationKey Map(
        string path, string allowed, Func<string, string, bool> ok, Action<SluiceOptions, IReadOnlyDictionary<string, string>> set) =>
        new(path, allowed, true, (options, values) =>
        {
            var pairs = values.Select(v => v.Split('=', 2)).ToList();
            var valid = pairs.TrueForAll(p => p is [var name, var value] && ok(name, value)) && pairs.DistinctBy(p => p[0]).Count() == pairs.Count;
            if (valid)
            {
                set(options, pairs.ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal));
            }

            return valid;
        })
        { IsMap = true };

    private static ConfigurationKey Whole(string path, long least, long most, Action<SluiceOptions, long> set) =>
        Text(path, most == long.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}",
            v => TryWhole(v, out var n) && n >= least && n <= most,
            (o, v) =>
            {
                _ = TryWhole(v, out var n);
                set(o, n);
            });

    private static ConfigurationKey Number(string path, double least, double most, Action<SluiceOptions, double> set) =>
        Text(path, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"),
            v => TryNumber(v, out var n) && n >= least && n <= most,
            (o, v) =>
            {
                _ = TryNumber(v, out var n);
                set(o, n);
            });

    // YAML lets people write 64_000_000 for readability.
    private static bool TryWhole(string text, out long value) => long.TryParse(text.Replace("_", "", StringComparison.Ordinal),
        NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static bool TryNumber(string text, out double value) => double.TryParse(text,
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    private static bool IsBoolean(string text) => bool.TryParse(text, out _);

    /// <summary>Becomes an argument of ffmpeg: a word, never an option.</summary>
    private static bool IsName(string text) =>
        text.Length is > 0 and <= 40 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private static bool IsHeight(string text) => TryWhole(text, out var height) && height is >= 64 and <= 4320;

    private static bool IsBindable(string text) =>
        text.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(text, out _);

    /// <summary>Brackets tell an IPv6 address with a port from one without.</summary>
    private static bool IsEndPoint(string text) => IPEndPoint.TryParse(text, out var point) && point.Port > 0
        && text.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{point.Port}"), StringComparison.Ordinal)
        && (text[0] == '[') == (point.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);

    /// <summary>As browsers write it (RFC 6454 section 6.2), since it is compared with what they send.</summary>
    private static bool IsOrigin(string text) => IsHome(text) && text[^1] != '/';

    private static bool IsHome(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme is "http" or "https")
        && url.Host.Length > 0 && url.UserInfo.Length == 0
        && url.PathAndQuery == "/" && url.Fragment.Length == 0
        && !text.AsSpan().ContainsAny('?', '#', '\\');

    private static bool IsBucket(string text) =>
        text.Length is >= 3 and <= 63 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-') && char.IsAsciiLetterOrDigit(text[0]);

    private static bool IsPrefix(string text) => text.Length == 0
        || (text.Length <= 200 && text[0] != '/' && text[^1] == '/' && !text.Contains("//", StringComparison.Ordinal)
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/') && !text.Split('/').Any(part => part is "." or ".."));

    private static bool IsHostName(string text) => Uri.CheckHostName(text) != UriHostNameType.Unknown;
}
