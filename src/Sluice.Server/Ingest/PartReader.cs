using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Sluice.Server.Ingest;

/// <summary>
/// Reads <c>multipart/form-data</c> (RFC 7578; RFC 2046 section 5.1.1) where the connection put it, so that a file of gigabytes is not copied on its
/// way to the disk. The framework's reader copies it twice, which costs an upload a third of its speed (bench/results/uploads.md).
/// <code>
///   preamble --boundary CRLF headers CRLF CRLF body CRLF--boundary CRLF headers … CRLF--boundary-- epilogue
/// </code>
/// </summary>
/// <param name="body">The request's body.</param>
/// <param name="boundary">As the header of the request names it; 1 to 70 characters.</param>
internal sealed class PartReader(PipeReader body, string boundary)
{
    /// <summary>Longest header of a part in bytes.</summary>
    public const int LongestHeader = 16 * 1024;

    private const int MostHeaders = 16;

    /// <summary>Longest delimiter: CRLF, two dashes, 70 characters.</summary>
    private const int LongestDelimiter = 74;

    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();

    private readonly byte[] _delimiter = Encoding.UTF8.GetBytes("\r\n--" + boundary);
    private bool _isBegun;
    private bool _isInPart;
    private SequencePosition _given;

    /// <summary>Goes to the next part, over what is left of this one.</summary>
    /// <returns>What its Content-Disposition says, an empty one when it has none that can be read; null after the last part.</returns>
    /// <exception cref="InvalidDataException">It is no form.</exception>
    /// <exception cref="IOException">The body ends too early.</exception>
    public async ValueTask<ContentDispositionHeaderValue?> NextAsync(CancellationToken ct)
    {
        if (!_isBegun)
        {
            await BeginAsync(ct);
            _isBegun = true;
        }

        while (_isInPart && !(await ReadAsync(int.MaxValue, ct)).IsEmpty)
        {
            Release();
        }

        return await HeaderAsync(ct) is { } header ? DispositionIn(header) : null;
    }

    /// <summary>What has come of the part's body, at most; empty at its end. It stays where it is until <see cref="Release"/>.</summary>
    /// <exception cref="IOException">The body ends too early.</exception>
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(int most, CancellationToken ct)
    {
        while (true)
        {
            var read = await body.ReadAsync(ct);
            var bytes = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, (long)most + _delimiter.Length));
            var at = IndexOf(bytes);
            if (at == 0)
            {
                body.AdvanceTo(bytes.GetPosition(_delimiter.Length));
                _isInPart = false;
                return ReadOnlySequence<byte>.Empty;
            }

            // A delimiter may have begun at the very end.
            var sure = at > 0 ? at : bytes.Length - (_delimiter.Length - 1);
            if (sure > 0)
            {
                bytes = bytes.Slice(0, Math.Min(sure, most));
                _given = bytes.End;
                return bytes;
            }

            body.AdvanceTo(bytes.Start, bytes.End);
            if (read.IsCompleted)
            {
                throw new EndOfStreamException("The form ends within a part.");
            }
        }
    }

    /// <summary>What <see cref="ReadAsync"/> gave is not looked at any more.</summary>
    public void Release() => body.AdvanceTo(_given);

    /// <summary>The first delimiter has no line break before it when there is no preamble.</summary>
    private async ValueTask BeginAsync(CancellationToken ct)
    {
        var start = _delimiter.AsMemory(2);
        while (true)
        {
            var read = await body.ReadAsync(ct);
            var first = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, start.Length)).ToArray();
            if (first.AsSpan().SequenceEqual(start.Span))
            {
                body.AdvanceTo(read.Buffer.GetPosition(start.Length));
                return;
            }

            if (first.Length == start.Length || !start.Span.StartsWith(first) || read.IsCompleted)
            {
                body.AdvanceTo(read.Buffer.Start);
                break;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        try
        {
            while (!(await ReadAsync(LongestHeader, ct)).IsEmpty)
            {
                Release();
            }
        }
        catch (EndOfStreamException e)
        {
            // It came whole and has no boundary at all: that is no interrupted one.
            throw new InvalidDataException("the boundary of the header is not in the body.", e);
        }
    }

    /// <summary>The lines between a delimiter and the body of its part; null behind the last delimiter.</summary>
    private async ValueTask<string?> HeaderAsync(CancellationToken ct)
    {
        while (true)
        {
            var read = await body.ReadAsync(ct);
            var bytes = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, LongestHeader)).ToArray();
            if (bytes.AsSpan().StartsWith("--"u8))
            {
                body.AdvanceTo(read.Buffer.GetPosition(2));
                return null;
            }

            var end = bytes.AsSpan().IndexOf(HeaderEnd);
            if (end >= 0)
            {
                body.AdvanceTo(read.Buffer.GetPosition(end + HeaderEnd.Length));
                _isInPart = true;
                return Encoding.UTF8.GetString(bytes, 0, end);
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (bytes.Length == LongestHeader)
            {
                throw new InvalidDataException($"the header of a part is longer than {LongestHeader} bytes.");
            }

            if (read.IsCompleted)
            {
                throw new EndOfStreamException("The form ends within the header of a part.");
            }
        }
    }

    private static ContentDispositionHeaderValue DispositionIn(string header)
    {
        const string Name = "Content-Disposition:";
        var lines = header.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length > MostHeaders)
        {
            throw new InvalidDataException($"a part has more than {MostHeaders} headers.");
        }

        var line = Array.Find(lines, l => l.StartsWith(Name, StringComparison.OrdinalIgnoreCase));
        return line is not null && ContentDispositionHeaderValue.TryParse(line[Name.Length..].Trim(), out var disposition)
            ? disposition
            : new ContentDispositionHeaderValue("none");
    }

    /// <summary>Where the delimiter begins; -1 when it is not there as a whole.</summary>
    private long IndexOf(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            return bytes.FirstSpan.IndexOf(_delimiter);
        }

        // Between two blocks: the end of what came before, and the beginning of this one.
        Span<byte> seam = stackalloc byte[2 * LongestDelimiter];
        var most = _delimiter.Length - 1;
        var (before, start) = (0, 0L);
        foreach (var block in bytes)
        {
            var span = block.Span;
            var head = Math.Min(span.Length, most);
            span[..head].CopyTo(seam[before..]);
            var across = seam[..(before + head)].IndexOf(_delimiter);
            if (across >= 0)
            {
                return start - before + across;
            }

            var inside = span.IndexOf(_delimiter);
            if (inside >= 0)
            {
                return start + inside;
            }

            start += span.Length;
            if (span.Length >= most)
            {
                span[^most..].CopyTo(seam);
                before = most;
            }
            else
            {
                var kept = Math.Min(most, before + head);
                seam[(before + head - kept)..(before + head)].CopyTo(seam);
                before = kept;
            }
        }

        return -1;
    }
}
