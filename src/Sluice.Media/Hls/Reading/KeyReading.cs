namespace Sluice.Media.Hls;

/// <summary>EXT-X-KEY and EXT-X-SESSION-KEY (RFC 8216 section 4.3.2.4).</summary>
internal static class KeyReading
{
    /// <param name="attributes">Of the tag.</param>
    /// <param name="key">The key; null for METHOD=NONE.</param>
    /// <param name="problem">Why it is no key, when the answer is false.</param>
    public static bool TryRead(AttributeList attributes, out HlsKey? key, out string? problem)
    {
        key = null;
        problem = null;
        if (attributes.Text("METHOD") is not { } method)
        {
            problem = "a key without METHOD";
            return false;
        }

        if (method == "NONE")
        {
            return true;
        }

        UInt128? iv = null;
        if (attributes.Text("IV") is { } hex)
        {
            if (!hex.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                || !UInt128.TryParse(hex.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                problem = "a key whose IV is not a number of 128 bits";
                return false;
            }

            iv = value;
        }

        key = new HlsKey(method, attributes.Text("URI"), iv, attributes.Text("KEYFORMAT") ?? HlsKey.Identity);
        return true;
    }
}
