using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Sluice.Tests;

/// <summary>One packet as ffprobe shows it.</summary>
/// <param name="Pts">Presentation time in ticks of the stream.</param>
/// <param name="Dts">Decode time in ticks of the stream.</param>
/// <param name="Size">Bytes.</param>
/// <param name="IsKey">Flag K.</param>
/// <param name="IsDiscarded">Flag D: the edit list leaves it out.</param>
/// <param name="Hash">SHA-256 of the payload.</param>
internal sealed record Packet(long? Pts, long? Dts, int Size, bool IsKey, bool IsDiscarded, string Hash);

/// <summary>The packets of one stream.</summary>
/// <param name="Kind"><c>video</c>, <c>audio</c>…</param>
/// <param name="TicksPerSecond">Denominator of its time base.</param>
/// <param name="Packets">In decode order.</param>
internal sealed record PacketStream(string Kind, long TicksPerSecond, List<Packet> Packets)
{
    /// <summary>Asks ffprobe, the oracle, what a file or URL holds; empty when it cannot read it.</summary>
    /// <param name="input">File or URL.</param>
    /// <param name="select">Which streams, in ffmpeg's words, such as <c>v</c>; null for all. Its DASH reader ends all streams
    /// with the first that ends, so an MPD is read one kind at a time.</param>
    public static async Task<IReadOnlyList<PacketStream>> ReadAsync(string input, string? select = null)
    {
        var start = new ProcessStartInfo("ffprobe")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "-v", "quiet", "-show_packets", "-show_data_hash", "sha256", "-show_entries",
                "packet=stream_index,pts,dts,size,flags,data_hash:stream=index,codec_type,time_base", "-of", "json", input,
            },
        };
        if (select is not null)
        {
            start.ArgumentList.Insert(0, select);
            start.ArgumentList.Insert(0, "-select_streams");
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("ffprobe did not start.");
        using var json = await JsonDocument.ParseAsync(process.StandardOutput.BaseStream);
        await process.WaitForExitAsync();
        return Read(json.RootElement);
    }

    private static List<PacketStream> Read(JsonElement root)
    {
        var streams = new SortedDictionary<int, PacketStream>();
        if (root.TryGetProperty("streams", out var all))
        {
            foreach (var stream in all.EnumerateArray())
            {
                var kind = stream.TryGetProperty("codec_type", out var type) ? type.GetString()! : "data";
                var timeBase = stream.GetProperty("time_base").GetString()!.Split('/');
                streams[stream.GetProperty("index").GetInt32()] = new PacketStream(kind, long.Parse(timeBase[1]), []);
            }
        }

        if (root.TryGetProperty("packets", out var packets))
        {
            foreach (var packet in packets.EnumerateArray())
            {
                var flags = packet.GetProperty("flags").GetString()!;
                streams[packet.GetProperty("stream_index").GetInt32()].Packets.Add(new Packet(
                    packet.TryGetProperty("pts", out var pts) ? pts.GetInt64() : null,
                    packet.TryGetProperty("dts", out var dts) ? dts.GetInt64() : null,
                    int.Parse(packet.GetProperty("size").GetString()!),
                    flags.Contains('K'), flags.Contains('D'), packet.GetProperty("data_hash").GetString()!));
            }
        }

        return [.. streams.Values];
    }
}

/// <summary>Programs that tests call. Without them tests are skipped aloud; in CI they fail.</summary>
internal static class Tool
{
    /// <summary>Ends the test when <paramref name="program"/> is not on this machine.</summary>
    public static void Require(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"Not tested: needs {program}.");
            Assert.Fail($"{program} is missing.");
        }
    }
}
