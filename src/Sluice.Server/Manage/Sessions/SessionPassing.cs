using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Nodes;
using Sluice.Server.Sessions;

namespace Sluice.Server.Manage.Sessions;

/// <summary>
/// In front of the gate, where there are several nodes: a request about a session is answered by the node that has it.
/// <code>
///   /api/v1/sessions/{session}/… · a token that was given out in a session · /live/{channel of a session}
///      └──▶ this node's? ── yes ──▶ on to the gate; one that goes on here after its node died is waited for
///                        └─ no ───▶ <see cref="Turns"/>: passed on, or taken up
/// </code>
/// Each look costs the catalog something: whoever asked for too many that there are not is told to wait. Tokens are signed, so nobody makes sessions up by them.
/// </summary>
internal sealed class SessionPassing(
    RequestDelegate next, SessionDesk desk, SharedSessions shared, Turns turns, PlaybackTokens tokens, ClientRates rates, ChannelRegistry channels,
    SluiceOptions options, IServiceProvider services, TimeProvider clock)
{
    /// <summary>What plays a session waits so long for it to go on; then it is to come again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(7);

    /// <summary>Made where sessions are.</summary>
    private readonly SessionReturns? _returns = options.Roles.Contains("live") ? services.GetRequiredService<SessionReturns>() : null;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint { Metadata: var metadata })
        {
            return next(context);
        }

        var values = context.Request.RouteValues;
        if (values.TryGetValue("session", out var named))
        {
            return AssetId.TryParse(named as string, null, out var id) ? GuessAsync(context, id) : next(context);
        }

        return metadata.GetMetadata<AccessPolicy>()?.Kind switch
        {
            AccessKind.Playback or AccessKind.AssetReader => SessionOf(context.Request) is not { } id ? next(context)
                : metadata.GetMetadata<AnswersAnywhere>() is null ? GoAsync(context, id) : KnowAsync(context, id),
            AccessKind.Channel when values["channel"] is string channel && SessionChannels.IsOne(channel) && !channels.TryGet(channel, out _) =>
                FindAsync(context, channel),
            _ => next(context),
        };
    }

    /// <summary>Whether another node has the session of a source, and has answered.</summary>
    /// <param name="context">A request to begin it, with a body that can be read again.</param>
    /// <param name="wish">The source.</param>
    /// <param name="shared">Knows of sessions.</param>
    public static async Task<bool> JoinElsewhereAsync(HttpContext context, SessionWish wish, SharedSessions shared)
    {
        var services = context.RequestServices;
        if (await shared.FindAsync(wish, context.RequestAborted) is not { } id || services.GetRequiredService<SessionDesk>().TryGet(id, out _))
        {
            return false;
        }

        context.Request.Body.Position = 0;
        return await services.GetRequiredService<Turns>().PassAsync(
            context, TitleOwners.NameOf(id), ct => services.GetRequiredService<SessionReturns>().TakeAsync(id, ct));
    }

    private AssetId? SessionOf(HttpRequest request)
    {
        var text = Credentials.PlaybackToken(request);
        return !text.IsEmpty && tokens.TryVerify(text, out var token) ? token.Claims.Session : null;
    }

    /// <summary>Anybody can say the name of a session.</summary>
    private Task GuessAsync(HttpContext context, AssetId id) =>
        !desk.TryGet(id, out _) && rates.IsUsedUp(context, RateKind.WrongKeys) ? RateGate.RefuseAsync(context, RateKind.WrongKeys) : GoAsync(context, id, isGuess: true);

    private async Task FindAsync(HttpContext context, string channel)
    {
        if (rates.IsUsedUp(context, RateKind.WrongKeys))
        {
            await RateGate.RefuseAsync(context, RateKind.WrongKeys);
        }
        else if (await shared.FindOfChannelAsync(channel, context.RequestAborted) is { } id)
        {
            await GoAsync(context, id);
        }
        else
        {
            rates.Take(context, RateKind.WrongKeys);
            await next(context);
        }
    }

    private async Task KnowAsync(HttpContext context, AssetId id)
    {
        if (!desk.TryGet(id, out _) && await shared.RunsAsync(id, context.RequestAborted))
        {
            context.Features.Set(new RunsElsewhere(id));
        }

        await next(context);
    }

    private Task GoAsync(HttpContext context, AssetId id, bool isGuess = false) =>
        desk.TryGet(id, out var session) && session.Share is not { IsReturning: true } ? next(context) : PassAsync(context, id, isGuess);

    private async Task PassAsync(HttpContext context, AssetId id, bool isGuess)
    {
        if (!desk.TryGet(id, out _) && await turns.PassAsync(context, TitleOwners.NameOf(id), ct => TakeAsync(id, ct)))
        {
            return;
        }

        var isHere = desk.TryGet(id, out var session);
        if (!isHere && isGuess)
        {
            rates.Take(context, RateKind.WrongKeys);
        }

        if (isHere && session!.Share is { IsReturning: true } && IsPlayed(context) && !await OpensAsync(session, context.RequestAborted))
        {
            context.Response.Headers.RetryAfter = "2";
            await Problem.WriteAsync(context, ErrorCode.SessionOpening);
            return;
        }

        await next(context);
    }

    /// <summary>A node that has no sessions takes none up: one that has them is waited for.</summary>
    private async Task<Taking> TakeAsync(AssetId id, CancellationToken ct) =>
        _returns is not null ? await _returns.TakeAsync(id, ct)
        : await shared.RunsAsync(id, ct) ? Taking.Lost
        : Taking.Nothing;

    /// <summary>It asks for what the session plays, not about the session.</summary>
    private static bool IsPlayed(HttpContext context) => !context.Request.RouteValues.ContainsKey("session");

    private async Task<bool> OpensAsync(Session session, CancellationToken ct)
    {
        try
        {
            await session.Opening.WaitAsync(Patience, clock, ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
