using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Manage.Channels;
using Sluice.Server.Sessions;

namespace Sluice.Server.Manage.Sessions;

/// <summary>Gives who joins a session the links to watch along, with a token of their own, and tells what else they may.</summary>
internal sealed class SessionJoining(
    AssetDirectory assets, PlaybackTokens tokens, ChannelPlayback channels, IImportCatalog imports, OperatorAccess operators, SluiceOptions options)
{
    /// <summary>A session as who joins it is shown it.</summary>
    public async Task<SessionView> ViewAsync(HttpRequest request, Session session, TimeSpan idle, CancellationToken ct) =>
        SessionView.Of(request, session, idle, await PlaybackAsync(request, session, ct)) with
        {
            May = AbilitiesOf(request),
            Kept = session.Kept is { } import && await imports.FindImportAsync(import, ct) is { } kept ? KeptView.Of(kept) : null,
        };

    /// <summary>Links for who joins; null when there is nothing to play, or not yet.</summary>
    public async Task<SessionPlayback?> PlaybackAsync(HttpRequest request, Session session, CancellationToken ct)
    {
        if (session is { State: SessionState.Ready, Opened.Channel: { } channel })
        {
            return SessionPlayback.Of(channels.WithToken(request, channel, null), session.Id);
        }

        // Read first: whether its links were revoked is only known of a title that is in memory.
        return session.Opened?.Asset is { } id && await assets.FindAsync(id, ct) is { } asset && session.State == SessionState.Ready
            ? SessionPlayback.Of(PlaybackLinks.Of(request, asset, tokens.IssueWithin(asset, session.Id)), session.Id)
            : null;
    }

    /// <summary>What who asks may do with a session. Whether it may is looked at again when it does.</summary>
    private SessionAbilities AbilitiesOf(HttpRequest request)
    {
        var isOperator = operators.Check(request) is null;
        return new SessionAbilities(isOperator || options.Sessions.Open, isOperator);
    }
}
