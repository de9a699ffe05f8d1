using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// Browsers in which the operator's key was given. Each holds a name of 256 random bits in a cookie that no script can read and no other site can send;
/// only its hash is kept, in memory and in the catalog, so that a restart logs nobody out.
/// <code>
///   one server over the catalog:   memory is right
///   several                        memory is right for <see cref="Trust"/>; then, and for what it does not know, the catalog is asked
/// </code>
/// </summary>
internal sealed class OperatorSessions(ICatalog catalog, SluiceOptions options, TimeProvider clock)
{
    /// <summary>Whoever logs in once more than this ends the session that has the least left.</summary>
    public const int Most = 64;

    /// <summary>Who logs out of one server is out of the others after that.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(5);

    /// <summary>Before the hash of each, in the catalog.</summary>
    private const string KeptUnder = "operator-session:";

    /// <summary>Where all of them were kept together, before several servers could share a catalog.</summary>
    private const string KeptBefore = "operator-sessions";

    private const string PlainCookie = "sluice_operator";

    /// <summary>A name that a browser takes over https only, for this host alone (RFC 6265bis section 4.1.3.2).</summary>
    private const string HostCookie = "__Host-sluice_operator";

    private readonly ConcurrentDictionary<string, Session> _known = new(StringComparer.Ordinal);
    private readonly bool _isShared = options.Storage.IsShared();

    /// <summary>Reads those that have not ended.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        foreach (var line in (await catalog.GetSettingAsync(KeptBefore, ct) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is [var hash, var end])
            {
                await catalog.EnsureSettingAsync(KeptUnder + hash, end, ct);
            }
        }

        await catalog.RemoveSettingAsync(KeptBefore, ct);
        foreach (var (key, end) in await catalog.ListSettingsAsync(KeptUnder, ct))
        {
            Know(key[KeptUnder.Length..], end);
        }
    }

    /// <summary>When the session that a request carries ends; null when it carries none that has not ended. Ask <see cref="MayBeNews"/> before.</summary>
    public DateTimeOffset? EndOf(HttpRequest request) =>
        HashOf(request) is { } hash && _known.TryGetValue(hash, out var session) && session.End > clock.GetUtcNow() ? session.End : null;

    /// <summary>Whether the catalog may say something else of the session that a request carries than memory does.</summary>
    public bool MayBeNews(HttpRequest request) =>
        _isShared && HashOf(request) is { } hash && !(_known.TryGetValue(hash, out var session) && clock.GetUtcNow() - session.LookedAt < Trust);

    /// <summary>Asks the catalog for the session that a request carries. While it cannot be reached, what was known stays.</summary>
    public async Task LookAsync(HttpRequest request, CancellationToken ct)
    {
        var hash = HashOf(request)!;
        try
        {
            Know(hash, await catalog.GetSettingAsync(KeptUnder + hash, ct));
        }
        catch (CatalogUnreachableException)
        {
            // Asked again with the next request.
        }
    }

    /// <summary>Begins a session; its cookie goes with the answer.</summary>
    /// <returns>When it ends.</returns>
    public async Task<DateTimeOffset> BeginAsync(HttpContext context, CancellationToken ct)
    {
        var name = AccessKey.New("session");
        var hash = Convert.ToHexStringLower(AccessKey.Hash(name));
        var seconds = clock.GetUtcNow().AddMinutes(options.Access.SessionMinutes).ToUnixTimeSeconds();
        var (end, text) = (DateTimeOffset.FromUnixTimeSeconds(seconds), seconds.ToString(CultureInfo.InvariantCulture));
        await catalog.SetSettingAsync(KeptUnder + hash, text, ct);
        Know(hash, text);
        await TrimAsync(ct);
        context.Response.Cookies.Append(CookieOf(context.Request), name, Cookie(context.Request, end));
        return end;
    }

    /// <summary>Ends the session that a request carries, if it does, and takes its cookie back.</summary>
    public async Task EndAsync(HttpContext context, CancellationToken ct)
    {
        if (HashOf(context.Request) is { } hash)
        {
            await catalog.RemoveSettingAsync(KeptUnder + hash, ct);
            Know(hash, null);
            context.Response.Cookies.Delete(CookieOf(context.Request), Cookie(context.Request, null));
        }
    }

    private static string CookieOf(HttpRequest request) => request.IsHttps ? HostCookie : PlainCookie;

    private static CookieOptions Cookie(HttpRequest request, DateTimeOffset? end) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = request.IsHttps,
        Path = "/",
        Expires = end,
    };

    private static string? HashOf(HttpRequest request) =>
        request.Headers.Cookie.Count > 0 && request.Cookies[CookieOf(request)] is { Length: > 0 and <= 256 } name
            ? Convert.ToHexStringLower(AccessKey.Hash(name))
            : null;

    private void Know(string hash, string? end)
    {
        if (long.TryParse(end, CultureInfo.InvariantCulture, out var seconds))
        {
            _known[hash] = new Session(DateTimeOffset.FromUnixTimeSeconds(seconds), clock.GetUtcNow());
        }
        else
        {
            _known.TryRemove(hash, out _);
        }
    }

    /// <summary>Removes those that have ended, and those that are too many.</summary>
    private async Task TrimAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var all = (await catalog.ListSettingsAsync(KeptUnder, ct))
            .Select(s => (s.Key, End: long.TryParse(s.Value, CultureInfo.InvariantCulture, out var end) ? end : 0)).OrderByDescending(s => s.End).ToList();
        foreach (var (key, _) in all.Where((s, i) => s.End <= now || i >= Most))
        {
            await catalog.RemoveSettingAsync(key, ct);
            Know(key[KeptUnder.Length..], null);
        }
    }

    /// <param name="End">When it ends.</param>
    /// <param name="LookedAt">When the catalog said so.</param>
    private readonly record struct Session(DateTimeOffset End, DateTimeOffset LookedAt);
}
