using Sluice.Media.Remux;

namespace Sluice.Media.Tests.Remux;

/// <summary>Writes down what it is told.</summary>
internal sealed class UnitList : IEsSink
{
    public List<(EsFormat? Video, EsFormat? Audio)> Formats { get; } = [];

    public List<(bool IsVideo, EsUnit Unit, byte[] Bytes)> Units { get; } = [];

    /// <summary>Units as text, with their bytes, so that they compare by value.</summary>
    public IEnumerable<string> Texts => Units.Select(static u => $"{u.IsVideo} {u.Unit} {Convert.ToHexStringLower(u.Bytes)}");

    public void Describe(EsFormat? video, EsFormat? audio) => Formats.Add((video, audio));

    public void Take(bool isVideo, in EsUnit unit, ReadOnlySpan<byte> bytes) => Units.Add((isVideo, unit, bytes.ToArray()));
}
