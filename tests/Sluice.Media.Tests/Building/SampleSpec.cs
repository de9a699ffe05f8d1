namespace Sluice.Media.Tests.Building;

/// <summary>One sample as a test wants it in the file.</summary>
/// <param name="Payload">Its bytes.</param>
/// <param name="Duration">Ticks to the next sample's decoding.</param>
/// <param name="Offset">Composition minus decode time in ticks.</param>
/// <param name="IsSync">Listed in <c>stss</c>.</param>
/// <param name="Description">Entry of <c>stsd</c>, from 1.</param>
internal sealed record SampleSpec(byte[] Payload, uint Duration, int Offset = 0, bool IsSync = true, int Description = 1);
