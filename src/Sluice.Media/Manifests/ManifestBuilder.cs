using System.Buffers;
using System.Text;

namespace Sluice.Media.Manifests;

/// <summary>Collects a manifest's UTF-8 text and the gaps for the query.</summary>
internal sealed class ManifestBuilder(QueryEscaping escaping, int capacityBytes = 1024)
{
    private const int LongestNumber = 20;
    private readonly ArrayBufferWriter<byte> _text = new(capacityBytes);
    private readonly List<int> _gaps = [];

    public void Append(ReadOnlySpan<byte> utf8) => _text.Write(utf8);

    public void Append(string text) => Encoding.UTF8.GetBytes(text, _text);

    public void Append(long number)
    {
        number.TryFormat(_text.GetSpan(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        _text.Advance(written);
    }

    /// <summary>Microseconds as seconds with exactly six decimals.</summary>
    public void AppendSeconds(long microseconds)
    {
        var (seconds, fraction) = Math.DivRem(microseconds, 1_000_000);
        Append(seconds);
        Append("."u8);
        fraction.TryFormat(_text.GetSpan(LongestNumber), out var written, "D6", CultureInfo.InvariantCulture);
        _text.Advance(written);
    }

    /// <summary>A URI as this manifest spells it, and the gap for the query behind it.</summary>
    public void AppendUri(string uri)
    {
        Append(ManifestUri.Encode(uri, escaping));
        AppendQueryGap();
    }

    /// <summary>The query goes here.</summary>
    public void AppendQueryGap() => _gaps.Add(_text.WrittenCount);

    public ManifestTemplate Build() => new(_text.WrittenSpan.ToArray(), [.. _gaps], escaping);
}
