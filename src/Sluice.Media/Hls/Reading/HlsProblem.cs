namespace Sluice.Media.Hls;

/// <summary>What is wrong with a playlist, and where.</summary>
/// <param name="Line">Line of the playlist, from 1; 0 when it is about the whole.</param>
/// <param name="Text">In words for a person, without a full stop.</param>
public readonly record struct HlsProblem(int Line, string Text)
{
    /// <inheritdoc />
    public override string ToString() => Line == 0 ? Text : string.Create(CultureInfo.InvariantCulture, $"line {Line}: {Text}");
}
