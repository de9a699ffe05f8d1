using System.Globalization;

namespace Sluice.Tests;

/// <summary>
/// Checks a transport stream as a strict receiver would (ISO/IEC 13818-1, ETSI TR 101 290 priorities 1 and 2), sharing no code with what
/// made it: whole packets, counters, tables with their checksums, clocks, whole PES packets, times that only grow.
/// </summary>
internal sealed class TsCheck
{
    private const int Packet = 188;
    private const long Clock90 = 90_000;
    private const long Mask = (1L << 33) - 1;

    private readonly List<string> _problems = [];
    private readonly Dictionary<int, Stream> _streams = [];
    private readonly Dictionary<int, byte[]> _sections = [];
    private readonly HashSet<int> _programs = [];
    private readonly HashSet<int> _maps = [];
    private readonly Dictionary<int, long> _tableAt = [];
    private readonly List<int> _tablesSince = [];
    private long? _clock;
    private int _number;

    private TsCheck()
    {
    }

    /// <summary>What is wrong, in words; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Longest time without a program association or a program map, in seconds, by the stream's own clock.</summary>
    public double LongestTableGap { get; private set; }

    /// <summary>Longest time between two PCRs, in seconds.</summary>
    public double LongestClockGap { get; private set; }

    /// <summary>Places where a discontinuity was announced.</summary>
    public int Announced { get; private set; }

    /// <summary>PES packets that began.</summary>
    public int Units { get; private set; }

    /// <summary>Reads all of a stream.</summary>
    public static TsCheck Of(ReadOnlySpan<byte> stream)
    {
        var check = new TsCheck();
        if (stream.Length % Packet != 0)
        {
            check.Say($"{stream.Length % Packet} bytes are no packet");
        }

        for (; stream.Length >= Packet; stream = stream[Packet..])
        {
            check.Take(stream[..Packet]);
            check._number++;
        }

        return check;
    }

    private void Take(ReadOnlySpan<byte> p)
    {
        if (p[0] != 0x47 || (p[1] & 0x80) != 0)
        {
            Say("no sync byte, or an error indicator");
            return;
        }

        var pid = ((p[1] & 0x1F) << 8) | p[2];
        var isStart = (p[1] & 0x40) != 0;
        var hasPayload = (p[3] & 0x10) != 0;
        var field = (p[3] & 0x20) != 0 ? p.Slice(5, p[4]) : [];
        var payload = hasPayload ? p[((p[3] & 0x20) != 0 ? 5 + p[4] : 4)..] : [];
        var isAnnounced = field.Length > 0 && (field[0] & 0x80) != 0;
        Announced += isAnnounced ? 1 : 0;
        if (pid == 0x1FFF)
        {
            return;
        }

        if (!_streams.TryGetValue(pid, out var stream))
        {
            _streams[pid] = stream = new Stream();
        }

        Count(stream, pid, p[3] & 0xF, hasPayload, isAnnounced);
        if (field.Length > 6 && (field[0] & 0x10) != 0)
        {
            TakeClock(((long)field[1] << 25) | ((long)field[2] << 17) | ((long)field[3] << 9) | ((long)field[4] << 1) | (long)(field[5] >> 7), isAnnounced);
        }

        if (pid == 0 || _programs.Contains(pid))
        {
            TakeSection(pid, payload, isStart);
        }
        else if (_maps.Contains(pid))
        {
            TakePes(stream, pid, payload, isStart);
        }
        else if (payload.Length > 3 && isStart && payload[0] == 0 && payload[1] == 0 && payload[2] == 1)
        {
            Say($"PID {pid:X} begins before the tables that name it");
        }
    }

    private void Count(Stream stream, int pid, int counter, bool hasPayload, bool isAnnounced)
    {
        var wanted = hasPayload ? (stream.Counter + 1) & 0xF : stream.Counter;
        if (stream.Counter >= 0 && !isAnnounced && counter != wanted)
        {
            Say($"PID {pid:X}: counter {counter} after {stream.Counter}");
        }

        stream.Counter = counter;
    }

    private void TakeClock(long ticks, bool isAnnounced)
    {
        if (_clock is { } last)
        {
            // Up to the clock before: what comes with this one may be on its way, and where time is missing nothing was sent.
            foreach (var (_, at) in _tableAt)
            {
                LongestTableGap = Math.Max(LongestTableGap, Between(at, last) / (double)Clock90);
            }

            var gap = Between(last, ticks);
            if (gap < 0 && !isAnnounced)
            {
                Say(string.Create(CultureInfo.InvariantCulture, $"PCR goes back by {-gap / (double)Clock90:0.000} s"));
            }

            LongestClockGap = Math.Max(LongestClockGap, gap / (double)Clock90);
        }

        _clock = ticks;
        _tablesSince.ForEach(pid => _tableAt[pid] = ticks);
        _tablesSince.Clear();
    }

    private void TakeSection(int pid, ReadOnlySpan<byte> payload, bool isStart)
    {
        if (isStart && payload.Length > 0)
        {
            _sections[pid] = payload[(1 + payload[0])..].ToArray();
        }
        else if (_sections.TryGetValue(pid, out var begun))
        {
            _sections[pid] = [.. begun, .. payload];
        }

        if (!_sections.TryGetValue(pid, out var bytes) || bytes.Length < 3)
        {
            return;
        }

        var size = 3 + (((bytes[1] & 0xF) << 8) | bytes[2]);
        if (bytes.Length < size)
        {
            return;
        }

        _sections.Remove(pid);
        if (Checksum(bytes.AsSpan(0, size)) != 0)
        {
            Say($"PID {pid:X}: a table has a wrong checksum");
            return;
        }

        _tableAt.Remove(pid);
        _tablesSince.Add(pid);
        Read(pid, bytes.AsSpan(0, size - 4));
    }

    private void Read(int pid, ReadOnlySpan<byte> section)
    {
        if (pid == 0)
        {
            for (var rest = section[8..]; rest.Length >= 4; rest = rest[4..])
            {
                _programs.Add(((rest[2] & 0x1F) << 8) | rest[3]);
            }

            return;
        }

        for (var rest = section[(12 + (((section[10] & 0xF) << 8) | section[11]))..]; rest.Length >= 5;)
        {
            _maps.Add(((rest[1] & 0x1F) << 8) | rest[2]);
            rest = rest[(5 + (((rest[3] & 0xF) << 8) | rest[4]))..];
        }
    }

    private void TakePes(Stream stream, int pid, ReadOnlySpan<byte> payload, bool isStart)
    {
        if (payload.IsEmpty)
        {
            return;
        }

        if (!isStart)
        {
            if (!stream.HasBegun)
            {
                Say($"PID {pid:X}: begins in the middle of a PES packet");
                stream.HasBegun = true;
            }

            stream.Left -= payload.Length;
            return;
        }

        if (stream is { HasBegun: true, IsBounded: true, Left: not 0 })
        {
            Say($"PID {pid:X}: a PES packet lacks {stream.Left} bytes");
        }

        if (payload is not [0, 0, 1, ..])
        {
            Say($"PID {pid:X}: no PES packet begins where one should");
            return;
        }

        Units++;
        stream.HasBegun = true;
        var size = (payload[4] << 8) | payload[5];
        (stream.IsBounded, stream.Left) = (size > 0, size + 6 - payload.Length);
        if ((payload[7] & 0x80) != 0)
        {
            var at = (payload[7] & 0x40) != 0 ? 14 : 9;
            var dts = Time(payload[at..]);
            var step = stream.Dts is { } last ? Between(last, dts) : 1;

            // The parameter sets of a joiner have the time of their picture.
            if (step < 0 || (step == 0 && stream.Dts is not null && size > 1000))
            {
                Say(string.Create(CultureInfo.InvariantCulture, $"PID {pid:X}: DTS goes back by {-step / (double)Clock90:0.000} s"));
            }

            stream.Dts = dts;
        }
    }

    private void Say(string what) => _problems.Add(string.Create(CultureInfo.InvariantCulture, $"packet {_number}: {what}"));

    private static long Between(long from, long to)
    {
        var span = (to - from) & Mask;
        return span > Mask / 2 ? span - Mask - 1 : span;
    }

    private static long Time(ReadOnlySpan<byte> t) =>
        ((long)(t[0] & 0xE) << 29) | ((long)t[1] << 22) | ((long)(t[2] & 0xFE) << 14) | ((long)t[3] << 7) | (long)(t[4] >> 1);

    /// <summary>CRC of annex A: that of a section with its own checksum is 0.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFF;
        foreach (var b in bytes)
        {
            crc ^= (uint)b << 24;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc & 0x80000000) != 0 ? (crc << 1) ^ 0x04C11DB7 : crc << 1;
            }
        }

        return crc;
    }

    private sealed class Stream
    {
        public int Counter { get; set; } = -1;

        public bool HasBegun { get; set; }

        public bool IsBounded { get; set; }


        public int Left { get; set; }

        public long? Dts { get; set; }
    }
}
