using System.Text;

namespace Sluice.Server.Tests.Torrents;

/// <summary>Writes bencoded bytes (BEP 3); a test says what is in them, lies included.</summary>
internal static class Bencode
{
    public static byte[] Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public static byte[] Text(byte[] text) => [.. Encoding.ASCII.GetBytes($"{text.Length}:"), .. text];

    public static byte[] Number(long number) => Encoding.ASCII.GetBytes($"i{number}e");

    public static byte[] List(params byte[][] values) => [(byte)'l', .. values.SelectMany(v => v), (byte)'e'];

    /// <summary>A dictionary, its keys in the order in which they must stand.</summary>
    public static byte[] Dictionary(params (string Key, byte[] Value)[] entries) =>
        [(byte)'d', .. entries.OrderBy(e => e.Key, StringComparer.Ordinal).SelectMany(e => (byte[])[.. Text(e.Key), .. e.Value]), (byte)'e'];
}
