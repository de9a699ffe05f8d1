using System.Buffers;

namespace Sluice.Server.Catalog;

/// <summary>Names of channels, as StreamPipe has them: lower-case letters, digits and hyphens. One is part of an address as it is, and never of
/// a path on the disk.</summary>
internal static class ChannelName
{
    /// <summary>Longest name, in characters.</summary>
    public const int Longest = 64;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Whether <paramref name="text"/> may be a channel's name.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => text.Length is > 0 and <= Longest && !text.ContainsAnyExcept(Allowed);
}
