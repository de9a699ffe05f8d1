namespace Sluice.Server.Tests.AnyFiles;

/// <summary>A kind of file that people have, and what is to become of it.</summary>
/// <param name="FileName">As it is uploaded; names the sample too.</param>
/// <param name="Recipe">ffmpeg's arguments that make it. <c>{V}</c> and <c>{A}</c> are 8 s of a picture that flashes and a sound that beeps, at the
/// same times.</param>
internal sealed record Sample(string FileName, string Recipe)
{
    /// <summary>The picture is <c>copy</c> or <c>encode</c>; null when there is none.</summary>
    public string? Video { get; init; } = "encode";

    /// <summary>Each offered sound is <c>copy</c> or <c>encode</c>.</summary>
    public string[] Audio { get; init; } = ["encode"];

    /// <summary>The best size, as shown.</summary>
    public string Resolution { get; init; } = "320x180";

    /// <summary>Frames that a viewer sees; null when the rate varies, so that there is no such number.</summary>
    public int? Frames { get; init; } = 200;

    /// <summary>How far a flash may be off, in seconds: less than half a frame, unless frames are moved onto a grid.</summary>
    public double FlashSlack { get; init; } = 0.015;

    /// <summary>Languages of the sounds, in order; empty when none is said.</summary>
    public string[] Languages { get; init; } = [];

    /// <summary>ffmpeg's arguments that copy it once more into the same container; null when it is as it is to be.</summary>
    public string? Then { get; init; }

    /// <summary>This much of the file is uploaded.</summary>
    public double Part { get; init; } = 1;

    /// <summary>Its times count from the first packet, whatever that says; else from zero.</summary>
    public bool CountsFromStart => Path.GetExtension(FileName) is not (".mp4" or ".mov" or ".m4a" or ".3gp");
}
