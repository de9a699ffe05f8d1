using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Server.Catalog;
using Sluice.Server.Outbound;

namespace Sluice.Server.Sessions;

/// <summary>What a session is to open, as its row has it (<see cref="SessionRow.State"/>): enough for another server to open it again.</summary>
internal sealed record SessionNote
{
    /// <summary>A file or playlist on another server, with its secrets.</summary>
    public string? Url { get; init; }

    /// <summary>A file of a torrent, as an import has it: <see cref="TorrentImportSource"/>.</summary>
    public string? Torrent { get; init; }

    /// <summary>What is in the torrent, when that was given.</summary>
    public byte[]? Info { get; init; }

    /// <summary>The same, of version 2.</summary>
    public byte[]? PieceLayers { get; init; }

    /// <summary>A title of the library.</summary>
    public string? Media { get; init; }

    /// <summary>What people are to call it.</summary>
    public string? Title { get; init; }

    /// <summary>Subtitles that are drawn into the picture now.</summary>
    public string? Burn { get; init; }

    /// <summary>The import by which it is kept.</summary>
    public string? Kept { get; init; }

    /// <summary>Of a session as it is now.</summary>
    /// <param name="session">It.</param>
    /// <param name="opened">What it plays; null while that is not known.</param>
    public static string Of(Session session, OpenedSource? opened)
    {
        var note = new SessionNote
        {
            Title = session.Wish.Title,
            Burn = opened is SessionTitle title ? title.BurnedTrack?.ToString(CultureInfo.InvariantCulture) : session.Wish.Burn,
            Kept = session.Kept?.Value,
        };
        note = session.Wish switch
        {
            SessionWish.Remote remote => note with { Url = remote.Url.Secret },
            SessionWish.Media media => note with { Media = media.Id.Value },
            SessionWish.Torrent torrent => note with
            {
                Torrent = new TorrentImportSource(torrent.Link, session.FileIndex).ToString(),
                Info = torrent.Link.Info,
                PieceLayers = torrent.Link.PieceLayers,
            },
            var other => throw new ArgumentOutOfRangeException(nameof(session), other, "There is no such wish."),
        };
        return JsonSerializer.Serialize(note, SessionJson.Default.SessionNote);
    }

    /// <summary>Reads what <see cref="Of"/> wrote; false for anything else.</summary>
    public static bool TryRead(string state, [NotNullWhen(true)] out SessionWish? wish, out AssetId? kept)
    {
        (wish, kept) = (null, null);
        if (ReadNote(state) is not { } note)
        {
            return false;
        }

        kept = AssetId.TryParse(note.Kept, null, out var import) ? import : null;
        wish = note switch
        {
            { Url: { } text } => OutboundUrl.TryParse(text, out var url) ? new SessionWish.Remote(url) : null,
            { Torrent: { } text } => TorrentImportSource.TryParse(text, out var source)
                ? new SessionWish.Torrent(source.Link with { Info = note.Info, PieceLayers = note.PieceLayers }, source.File)
                : null,
            { Media: { } text } => AssetId.TryParse(text, null, out var id) ? new SessionWish.Media(id) : null,
            _ => null,
        };
        wish = wish is null ? null : wish with { Title = note.Title, Burn = note.Burn };
        return wish is not null;
    }

    private static SessionNote? ReadNote(string state)
    {
        try
        {
            return JsonSerializer.Deserialize(state, SessionJson.Default.SessionNote);
        }
        catch (JsonException)
        {
            return null; // A newer version wrote it.
        }
    }
}

/// <summary>How a session was when its owner last said so, as its row has it (<see cref="SessionRow.Shown"/>).</summary>
/// <param name="Title">Shown to people.</param>
/// <param name="Source">The source as people are shown it.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Reason">Why it does not play.</param>
/// <param name="IsChannel">It plays a channel, and no asset.</param>
/// <param name="Film">See <see cref="OpenedSource.Film"/>.</param>
/// <param name="Epoch">Of the asset's tokens.</param>
/// <param name="Viewers">Viewers that were heard of.</param>
/// <param name="FetchedBytes">Bytes that came from elsewhere.</param>
/// <param name="SizeBytes">Bytes of all of it.</param>
internal sealed record SessionGlance(
    string Title, string Source, SessionState State, string? Reason, bool IsChannel, string? Film, int Epoch, int Viewers, long FetchedBytes, long? SizeBytes)
{
    /// <summary>Reads a row's; null when a newer version wrote it.</summary>
    public static SessionGlance? Of(SessionRow row)
    {
        try
        {
            return JsonSerializer.Deserialize(row.Shown, SessionJson.Default.SessionGlance);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>In one text.</summary>
    public string ToText() => JsonSerializer.Serialize(this, SessionJson.Default.SessionGlance);
}

/// <summary>Reads and writes what rows of sessions have.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SessionNote))]
[JsonSerializable(typeof(SessionGlance))]
internal sealed partial class SessionJson : JsonSerializerContext;
