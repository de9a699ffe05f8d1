using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Sluice.Server.Hosting;

namespace Sluice.Server.Ingest;

/// <summary>
/// Reads one <c>multipart/form-data</c> body (RFC 7578) as it arrives: text fields first, then the file in the field
/// <c>media</c>, straight to disk. Memory is one buffer, whatever the size of the file.
/// </summary>
internal sealed class MultipartUpload
{
    /// <summary>Longest text field in bytes; a title of 300 characters is at most 1200.</summary>
    private const int LongestField = 16 * 1024;

    /// <summary>Parts looked at before the body is refused.</summary>
    private const int MostParts = 32;

    /// <summary>Bytes moved at a time: small enough to be in a processor's cache still when they are written.</summary>
    private const int BufferBytes = 64 * 1024;

    /// <summary>Free space is asked for again after this many bytes.</summary>
    private const long SpaceCheckBytes = 8L << 20;

    private static readonly string[] MediaFields = ["media"];

    private readonly MultipartReader _reader;
    private readonly long _maxBytes;
    private readonly Func<long> _freeBytes;
    private readonly string[] _fileFields;

    private MultipartUpload(MultipartReader reader, long maxBytes, Func<long> freeBytes, string[] fileFields) =>
        (_reader, _maxBytes, _freeBytes, _fileFields) = (reader, maxBytes, freeBytes, fileFields);

    /// <summary>Text fields that stood before the file, by name.</summary>
    public Dictionary<string, string> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>Name that the client gave the file.</summary>
    public string? FileName { get; private set; }

    /// <summary>Bytes of the file.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>SHA-256 of the file in lower-case hex; null until it was received.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>Looks at the header of the request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBytes">Largest file.</param>
    /// <param name="freeBytes">Room on the disk.</param>
    /// <param name="fileFields">Names that the field with the file may have; <c>media</c> when null.</param>
    /// <exception cref="IntakeRefusedException">The body is no form with files.</exception>
    public static MultipartUpload Open(HttpRequest request, long maxBytes, Func<long> freeBytes, string[]? fileFields = null)
    {
        fileFields ??= MediaFields;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 70 } boundary)
        {
            throw new IntakeRefusedException(
                ErrorCode.RequestInvalid, $"The body must be multipart/form-data with the file in the field `{fileFields[0]}`.");
        }

        var reader = new MultipartReader(boundary.Value!, request.Body, BufferBytes)
        {
            HeadersCountLimit = 16,
            HeadersLengthLimit = 16 * 1024,
            BodyLengthLimit = null, // ours, because it can say the number
        };
        return new MultipartUpload(reader, maxBytes, freeBytes, fileFields);
    }

    /// <summary>Receives the whole body and writes the file to <paramref name="path"/>.</summary>
    /// <returns>False when the body held no file in the field that it should be in.</returns>
    /// <exception cref="IntakeRefusedException">Too large, too many parts, or no room.</exception>
    public async Task<bool> ReceiveAsync(string path, CancellationToken ct)
    {
        var found = false;
        for (var parts = 0; await NextPartAsync(parts == 0, ct) is { } part; parts++)
        {
            if (parts == MostParts)
            {
                throw new IntakeRefusedException(ErrorCode.RequestInvalid, $"The form has more than {MostParts} parts.");
            }

            if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition))
            {
                continue;
            }

            var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
            if (!disposition.IsFileDisposition())
            {
                Fields[name] = await ReadFieldAsync(part.Body, name, ct);
            }
            else if (_fileFields.Contains(name))
            {
                if (found)
                {
                    throw new IntakeRefusedException(ErrorCode.RequestInvalid, "There may be only one file per upload.");
                }

                found = true;
                FileName = HeaderUtilities.RemoveQuotes(
                    disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString();
                await WriteFileAsync(part.Body, path, ct);
            }
        }

        return found;
    }

    private static Task<int> FillAsync(Stream body, byte[] buffer, CancellationToken ct) =>
        Whole(body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct).AsTask());

    /// <summary>Reading failed because the body is cut off, or not shaped like a form. Kept apart from failures of
    /// writing, which are exceptions of the same type.</summary>
    private static async Task<T> Whole<T>(Task<T> reading)
    {
        try
        {
            return await reading;
        }
        catch (InvalidDataException e)
        {
            throw new IntakeRefusedException(ErrorCode.RequestInvalid, $"The form cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException || e.InnerException is ConnectionAbortedException)
        {
            throw new IntakeRefusedException(ErrorCode.UploadInterrupted, null);
        }
    }

    /// <summary>A body that came whole and has no boundary at all is no interrupted one: the header named another.</summary>
    private async Task<MultipartSection?> NextPartAsync(bool first, CancellationToken ct)
    {
        async Task<MultipartSection?> ReadAsync()
        {
            try
            {
                return await _reader.ReadNextSectionAsync(ct);
            }
            catch (IOException e) when (first && e.GetType() == typeof(IOException))
            {
                throw new InvalidDataException("the boundary of the header is not in the body.", e);
            }
        }

        return await Whole(ReadAsync());
    }

    private static async Task<string> ReadFieldAsync(Stream body, string name, CancellationToken ct)
    {
        var buffer = new byte[LongestField];
        var length = await FillAsync(body, buffer, ct);
        return length < LongestField
            ? Encoding.UTF8.GetString(buffer, 0, length)
            : throw new IntakeRefusedException(
                ErrorCode.RequestInvalid, $"The field `{name}` is longer than {LongestField} bytes.");
    }

    private async Task WriteFileAsync(Stream body, string path, CancellationToken ct)
    {
        // Two in turn: one is hashed while the other is filled.
        var (buffer, other) = (ArrayPool<byte>.Shared.Rent(BufferBytes), ArrayPool<byte>.Shared.Rent(BufferBytes));
        var hash = new SideHash();
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
            var nextCheck = SpaceCheckBytes;
            int length;
            while ((length = await FillAsync(body, buffer, ct)) > 0)
            {
                if (SizeBytes + length > _maxBytes)
                {
                    throw TooLarge(_maxBytes);
                }

                await hash.AppendAsync(buffer.AsMemory(0, length));
                RandomAccess.Write(file, buffer.AsSpan(0, length), SizeBytes);
                SizeBytes += length;
                (buffer, other) = (other, buffer);
                if (SizeBytes >= nextCheck)
                {
                    nextCheck += SpaceCheckBytes;
                    // Reading leaves small garbage, of which the runtime would let some 20 MB pile up; this takes it away
                    // and keeps a server that is uploaded to near its idle size (bench/results/long.md).
                    GC.Collect(0, GCCollectionMode.Forced, blocking: true);
                    if (_freeBytes() <= 0)
                    {
                        throw new IntakeRefusedException(ErrorCode.DiskFull, "The disk became full during the upload.");
                    }
                }
            }

            Sha256 = await hash.FinishAsync();
        }
        finally
        {
            await hash.DisposeAsync(); // Looks at no buffer any more.
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<byte>.Shared.Return(other);
        }
    }

    /// <summary>The refusal of a file that is larger than allowed.</summary>
    public static IntakeRefusedException TooLarge(long maxBytes) => new(
        ErrorCode.UploadTooLarge,
        string.Create(CultureInfo.InvariantCulture, $"Uploads are limited to {maxBytes} bytes."));
}
