using System.Text.Json;

namespace Sluice.Bench.Encoded;

/// <summary>What the server decided to encode, read from the title's plan in the data folder.</summary>
internal sealed record EncodePlanFacts
{
    /// <summary>Whole seconds by which all times are later than in the source.</summary>
    public long OriginSeconds { get; init; }

    /// <summary>The picture.</summary>
    public required VideoFacts Video { get; init; }

    /// <summary>The sounds.</summary>
    public required IReadOnlyList<AudioFacts> Audio { get; init; }

    /// <summary>Frames of one chunk, at the default length of two seconds.</summary>
    public int FramesPerChunk => (int)Math.Round(2.0 * Video.RateNumerator / Video.RateDenominator);

    /// <summary>Reads the plan of a title.</summary>
    public static async Task<EncodePlanFacts> ReadAsync(string dataFolder, Title title)
    {
        await using var file = File.OpenRead(Path.Combine(dataFolder, "media", title.Id, "plan.json"));
        return await JsonSerializer.DeserializeAsync<EncodePlanFacts>(file, JsonSerializerOptions.Web)
            ?? throw new InvalidOperationException("The title has no plan.");
    }

    /// <summary>How the picture is encoded.</summary>
    internal sealed record VideoFacts(
        long RateNumerator, long RateDenominator, int Timescale, int FrameTicks, string Encoder, string Preset, IReadOnlyList<RungFacts> Rungs);

    /// <summary>One size of it.</summary>
    internal sealed record RungFacts(string Id, int Width, int Height, double Quality, int MaxKilobits);

    /// <summary>How one sound is encoded.</summary>
    internal sealed record AudioFacts(string Id, int SampleRate, int Channels, int Kilobits);
}
