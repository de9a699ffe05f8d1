using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Sluice.Server.Live;
using Sluice.Server.Outbound;

namespace Sluice.Server.Sessions;

/// <summary>The description (MPD) of a DASH presentation as ffmpeg is given it, whenever it asks: with addresses that it can read.</summary>
internal sealed class DashDescription(OutboundFetcher outbound, UpstreamManner manner, OutboundUrl url)
{
    /// <summary>A day of segments of two seconds, each with a line of its own, has 2 MiB.</summary>
    private const int MostBytes = 4 << 20;

    private static readonly string[] Elements = ["BaseURL", "Location"];
    private static readonly string[] Attributes = ["media", "initialization", "sourceURL", "index"];

    /// <summary>No document type: its entities could make much of little, or lead elsewhere.</summary>
    private static readonly XmlReaderSettings Reading = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    private static readonly XmlWriterSettings Writing = new() { Encoding = new UTF8Encoding(false) };

    /// <summary>Where it is, and how ffmpeg is told that.</summary>
    public ConcealedUrl Address { get; } = new(url);

    /// <summary>Why it could not be read the last time, in words for a person; null when it could.</summary>
    public string? Problem { get; private set; }

    /// <summary>Fetches it; null when that fails, and <see cref="Problem"/> says why.</summary>
    public async Task<byte[]?> ReadAsync(CancellationToken ct)
    {
        try
        {
            await using var response = await outbound.SendAsync(manner.Request(url, MostBytes), ct);
            if (response.Status is not (200 or 206))
            {
                Problem = string.Create(CultureInfo.InvariantCulture, $"the other server answered with status {response.Status} when it was asked for the DASH presentation");
                return null;
            }

            using var body = new MemoryStream();
            await response.Body.CopyToAsync(body, ct);
            body.Position = 0;
            var told = Tell(body, response.Url);
            Problem = null;
            return told;
        }
        catch (OutboundException e)
        {
            Problem = $"the DASH presentation cannot be read: {e.Message.TrimEnd('.')}";
        }
        catch (XmlException)
        {
            Problem = "the DASH presentation cannot be read: it is no XML, or has a document type, which is not read";
        }

        return null;
    }

    private byte[] Tell(Stream body, OutboundUrl from)
    {
        using var reader = XmlReader.Create(body, Reading);
        var document = XDocument.Load(reader);
        if (from.Address != url.Address)
        {
            Root(document.Root!, from);
        }

        foreach (var element in document.Descendants())
        {
            if (Elements.Contains(element.Name.LocalName) && !element.HasElements)
            {
                element.Value = Address.Tell(element.Value, from);
            }

            foreach (var attribute in element.Attributes().Where(a => Attributes.Contains(a.Name.LocalName)))
            {
                attribute.Value = Address.Tell(attribute.Value, from);
            }
        }

        using var told = new MemoryStream();
        using (var writer = XmlWriter.Create(told, Writing))
        {
            document.Save(writer);
        }

        return told.ToArray();
    }

    /// <summary>ffmpeg learns nothing of a redirect: so it is written into the presentation what its addresses are relative to.</summary>
    private static void Root(XElement presentation, OutboundUrl from)
    {
        if (!presentation.Elements().Any(IsBase))
        {
            presentation.AddFirst(new XElement(presentation.Name.Namespace + "BaseURL", "."));
        }

        foreach (var element in presentation.Elements().Where(IsBase))
        {
            element.Value = from.Follow(element.Value.Trim())?.Address.AbsoluteUri ?? element.Value;
        }
    }

    private static bool IsBase(XElement element) => element.Name.LocalName == "BaseURL";
}
