using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Tests.Building;

/// <summary>Boxes as bytes, nested by plain concatenation.</summary>
internal static class BoxWriting
{
    public static byte[] Box(string type, params byte[][] parts)
    {
        var w = new SpanWriter();
        var box = w.BeginBox(type);
        foreach (var part in parts)
        {
            w.WriteBytes(part);
        }

        w.EndBox(box);
        return w.ToArray();
    }

    /// <summary>A box whose header states <paramref name="claimedSize"/>, whatever it really holds.</summary>
    public static byte[] LyingBox(FourCc type, uint claimedSize, params byte[][] parts)
    {
        var w = new SpanWriter();
        w.WriteUInt32(claimedSize);
        w.WriteUInt32(type.Value);
        foreach (var part in parts)
        {
            w.WriteBytes(part);
        }

        return w.ToArray();
    }

    public static byte[] FullBox(string type, byte version, uint flags, Action<SpanWriter> body)
    {
        var w = new SpanWriter();
        var box = w.BeginFullBox(type, version, flags);
        body(w);
        w.EndBox(box);
        return w.ToArray();
    }

    /// <summary>A FullBox of version 0 whose body is a row of 32-bit numbers.</summary>
    public static byte[] Words(string type, params uint[] words) => FullBox(type, 0, 0, w =>
    {
        foreach (var word in words)
        {
            w.WriteUInt32(word);
        }
    });

    /// <summary>Runs of equal values: what <c>stts</c> and <c>ctts</c> hold.</summary>
    public static byte[] Runs(string type, byte version, IEnumerable<int> values) => FullBox(type, version, 0, w =>
    {
        var runs = new List<(uint Count, int Value)>();
        foreach (var value in values)
        {
            if (runs.Count > 0 && runs[^1].Value == value)
            {
                runs[^1] = (runs[^1].Count + 1, value);
            }
            else
            {
                runs.Add((1, value));
            }
        }

        w.WriteUInt32((uint)runs.Count);
        foreach (var (count, value) in runs)
        {
            w.WriteUInt32(count);
            w.WriteInt32(value);
        }
    });
}
