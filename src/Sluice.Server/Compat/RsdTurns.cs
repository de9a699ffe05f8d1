using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Manage.Sessions;
using Sluice.Server.Nodes;
using Sluice.Server.Sessions;

namespace Sluice.Server.Compat;

/// <summary>
/// Which of several nodes has a browser of RSD: the one with the session that it watches. The others pass on what it says.
/// <code>
///   starts ──▶ at the node that has the session of that source, or here ──▶ this node's, whoever had the browser before
///   beats, asks for its playlist ──▶ this node's for longer        stops ──▶ nobody's
/// </code>
/// A node that had it before hears of it no more, and forgets it with its session. Where there is one node nothing here does anything.
/// </summary>
internal sealed class RsdTurns(RsdSessions sessions, ClientRates rates, TimeProvider clock, IServiceProvider services)
{
    /// <summary>A browser that is not heard of for so long is nobody's. Its page beats every 15 seconds.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(40);

    private const string Prefix = "rsd ";

    private readonly Turns? _turns = services.GetService<Turns>();
    private readonly Holds? _holds = services.GetService<Turns>() is null ? null : services.GetRequiredService<Holds>();
    private readonly SharedSessions? _shared = services.GetService<SharedSessions>();

    /// <summary>Whether there are other nodes.</summary>
    public bool IsShared => _shared is not null;

    /// <summary>Whether another node has the session of a source, and has answered.</summary>
    /// <param name="context">A request to watch it, with a body that can be read again.</param>
    /// <param name="wish">The source.</param>
    public async Task<bool> JoinElsewhereAsync(HttpContext context, SessionWish wish) =>
        _shared is not null && await SessionPassing.JoinElsewhereAsync(context, wish, _shared);

    /// <summary>Whether another node has a browser, and has answered. Who asks for many that there are not is told to wait.</summary>
    public async Task<bool> PassAsync(HttpContext context, string name)
    {
        if (_turns is null || !Rsd.IsName(name, 1))
        {
            return false;
        }

        var isKnown = sessions.TryGet(name, out _);
        if (!isKnown && rates.IsUsedUp(context, RateKind.WrongKeys))
        {
            await RateGate.RefuseAsync(context, RateKind.WrongKeys);
            return true;
        }

        if (await _turns.PassAsync(context, NameOf(name), _ => Task.FromResult(Taking.Nothing)))
        {
            return true;
        }

        if (!isKnown)
        {
            rates.Take(context, RateKind.WrongKeys);
        }

        return false;
    }

    /// <summary>It watches here now.</summary>
    public async Task TakeAsync(string name, CancellationToken ct)
    {
        if (_holds is null)
        {
            return;
        }

        var catalog = services.GetRequiredService<IHoldCatalog>();
        await catalog.ForgetAsync(Prefix, clock.GetUtcNow(), ct); // Of those that went without a word.
        if (!await HearAsync(name, ct) && await _holds.HolderAsync(NameOf(name), ct) is { } before)
        {
            await catalog.LetGoAsync(NameOf(name), before.Name, ct);
            await HearAsync(name, ct);
        }
    }

    /// <summary>It was heard of here.</summary>
    /// <returns>False when another node has it.</returns>
    public async Task<bool> HearAsync(string name, CancellationToken ct) =>
        _holds is null || await services.GetRequiredService<IHoldCatalog>().HoldAsync(NameOf(name), _holds.Self, clock.GetUtcNow(), Length, ct);

    /// <summary>It watches nothing any more.</summary>
    public Task LetGoAsync(string name, CancellationToken ct) => _holds is null ? Task.CompletedTask
        : services.GetRequiredService<IHoldCatalog>().LetGoAsync(NameOf(name), _holds.Self.Name, ct);

    private static string NameOf(string name) => Prefix + name;
}
