using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// Browsers in which the operator's key was given. Each holds a name of 256 random bits in a cookie that no script can read and no other site can send;
/// only its hash is kept, in memory and in the catalog, so that a restart logs nobody out.
/// </summary>
internal sealed class OperatorSessions(ICatalog catalog, SluiceOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>Whoever logs in once more than this ends the session that has the least left.</summary>
    public const int Most = 64;

    private const string KeptUnder = "operator-sessions";
    private const string PlainCookie = "sluice_operator";

    /// <summary>A name that a browser takes over https only, for this host alone (RFC 6265bis section 4.1.3.2).</summary>
    private const string HostCookie = "__Host-sluice_operator";

    private readonly ConcurrentDictionary<string, DateTimeOffset> _ends = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Reads those that have not ended.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        var kept = await catalog.GetSettingAsync(KeptUnder, ct) ?? "";
        foreach (var line in kept.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is [var hash, var end] && long.TryParse(end, CultureInfo.InvariantCulture, out var seconds))
            {
                _ends[hash] = DateTimeOffset.FromUnixTimeSeconds(seconds);
            }
        }
    }

    /// <summary>When the session that a request carries ends; null when it carries none that has not ended.</summary>
    public DateTimeOffset? EndOf(HttpRequest request) =>
        HashOf(request) is { } hash && _ends.TryGetValue(hash, out var end) && end > clock.GetUtcNow() ? end : null;

    /// <summary>Begins a session; its cookie goes with the answer.</summary>
    /// <returns>When it ends.</returns>
    public async Task<DateTimeOffset> BeginAsync(HttpContext context, CancellationToken ct)
    {
        var name = AccessKey.New("session");
        var end = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().AddMinutes(options.Access.SessionMinutes).ToUnixTimeSeconds());
        await ChangeAsync(() => _ends[Convert.ToHexStringLower(AccessKey.Hash(name))] = end, ct);
        context.Response.Cookies.Append(CookieOf(context.Request), name, Cookie(context.Request, end));
        return end;
    }

    /// <summary>Ends the session that a request carries, if it does, and takes its cookie back.</summary>
    public async Task EndAsync(HttpContext context, CancellationToken ct)
    {
        if (HashOf(context.Request) is { } hash)
        {
            await ChangeAsync(() => _ends.TryRemove(hash, out _), ct);
            context.Response.Cookies.Delete(CookieOf(context.Request), Cookie(context.Request, null));
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

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

    private async Task ChangeAsync(Action change, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            change();
            var now = clock.GetUtcNow();
            var (kept, gone) = (_ends.Where(s => s.Value > now).OrderByDescending(s => s.Value).Take(Most).ToArray(), _ends.Keys.ToHashSet());
            gone.ExceptWith(kept.Select(s => s.Key));
            foreach (var hash in gone)
            {
                _ends.TryRemove(hash, out _);
            }

            await catalog.SetSettingAsync(
                KeptUnder, string.Join('\n', kept.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key} {s.Value.ToUnixTimeSeconds()}"))), ct);
        }
        finally
        {
            _turn.Release();
        }
    }
}
