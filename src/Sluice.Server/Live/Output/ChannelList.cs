using System.Globalization;
using System.Text;
using Sluice.Server.Access;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Live.Output;

/// <summary>
/// All channels as one M3U list, for VLC, Kodi, Jellyfin and whatever else takes a list of addresses. Anyone gets the public ones; the
/// operator gets all of them, the others with a token that opens them.
/// </summary>
internal sealed class ChannelList(ChannelRegistry channels, FindChannel find, PlaybackTokens tokens, OperatorAccess operators)
{
    private const string ContentType = "audio/x-mpegurl";

    /// <summary>Sends it.</summary>
    public async Task SendAsync(HttpContext context)
    {
        var request = context.Request;
        var isOperator = operators.HasKey(request) || operators.MayRead(request);
        var text = new StringBuilder("#EXTM3U\n");
        foreach (var channel in channels.All)
        {
            var definition = channel.Definition;
            if (definition.IsEnabled && LinksOf(request, definition, isOperator) is { } links)
            {
                var title = Line(definition.Title ?? definition.Name);
                text.Append(CultureInfo.InvariantCulture, $"#EXTINF:-1 tvg-id=\"{definition.Name}\" tvg-name=\"{title.Replace('"', '\'')}\",{title}\n{links.Ts}\n");
            }
        }

        var response = context.Response;
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
        }
    }

    private ChannelLinks? LinksOf(HttpRequest request, ChannelDefinition definition, bool isOperator)
    {
        if (definition.IsPublic)
        {
            return ChannelLinks.Of(request, definition.Name);
        }

        return isOperator && find(definition.Name) is { } door ? ChannelLinks.Of(request, definition.Name, tokens.Issue(door)) : null;
    }

    /// <summary>A title with a line end would be two lines, the second of which a player would fetch.</summary>
    private static string Line(string title) => string.Concat(title.Where(static c => !char.IsControl(c)));
}
